"""What all pictures share: text that stays text, colours with a dark pair, and files that open without a network."""

import json

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import MorelikeError, SettingError
from morelike.pictures.style import COLOURS, DARK_COLOURS, SEQUENTIAL, apply_style, escape_label, escape_symbol, save


@given(st.text())
def test_a_label_holds_no_markup(word):
    assert not set("<>") & set(escape_label(word))
    assert "&" not in escape_label(word).replace("&lt;", "").replace("&gt;", "").replace("&amp;", "")


@given(st.characters())
def test_a_symbol_can_be_seen(character):
    assert escape_symbol(character).strip()
    assert escape_symbol(character).isprintable()


def test_every_colour_has_another_on_a_dark_page():
    assert DARK_COLOURS.keys() >= {*COLOURS, *SEQUENTIAL}
    assert len(set(DARK_COLOURS.values())) == len(DARK_COLOURS)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", COLOURS)
def test_lines_stand_out_from_a_dark_page(colour):
    page = luminance("#181d25")
    assert (luminance(DARK_COLOURS[colour]) + 0.05) / (page + 0.05) >= 4.5


def test_a_picture_is_saved_as_a_page_that_fetches_nothing_or_as_json(tmp_path):
    figure = apply_style(
        go.Figure(go.Scatter(x=[1], y=[2], text=[escape_label("</script><script>alert(1)</script>")])), "t", "", ""
    )
    save(figure, tmp_path / "a.html")
    save(figure, tmp_path / "a.json")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert "<script src" not in page
    assert json.loads((tmp_path / "a.json").read_text())["data"][0]["y"] == [2]


def test_a_picture_of_another_ending_or_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(SettingError, match=r"ends in \.html or \.json"):
        save(go.Figure(), tmp_path / "a.png")
    with pytest.raises(MorelikeError, match="cannot be written"):
        save(go.Figure(), tmp_path / "none" / "a.html")

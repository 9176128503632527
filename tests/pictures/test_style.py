"""What all pictures share: text that stays text, and colours on which text can be read."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.pictures.style import (
    COLOURS,
    DARK_COLOURS,
    INK,
    SEQUENTIAL,
    escape_label,
    escape_symbol,
    ink_on,
    luminance,
    plain_label,
)
from morelike.pictures.web_page import drawing_style

CONTRAST = 4.5
"""The least contrast of text that WCAG 2.1 asks for (level AA)."""


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


@pytest.mark.parametrize("colour", COLOURS)
def test_lines_stand_out_from_a_dark_page(colour):
    page = luminance("#181d25")
    assert (luminance(DARK_COLOURS[colour]) + 0.05) / (page + 0.05) >= 4.5


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def scale(colours, points=64):
    """Return colours between the stops of a scale, as a picture mixes them."""
    stops = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours])
    at = np.linspace(0, len(colours) - 1, points)
    rows = np.column_stack([np.interp(at, range(len(colours)), channel) for channel in stops.T])
    return ["#" + "".join(f"{round(value):02x}" for value in row) for row in rows]


def test_contrast_is_that_of_the_standard():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colour", [*COLOURS, *DARK_COLOURS.values(), "#767676", "#757575"])
def test_text_on_a_mark_is_black_or_white_whichever_can_be_read(colour):
    assert contrast(ink_on(colour), colour) >= CONTRAST


def test_the_ink_of_plotly_can_be_read_on_the_whole_scale():
    assert min(contrast(INK, colour) for colour in scale(SEQUENTIAL)) >= CONTRAST


def test_letters_on_the_scale_of_a_dark_page_can_be_read():
    colours = scale([DARK_COLOURS[colour] for colour in SEQUENTIAL])
    assert min(contrast(ink_on(colour), colour) for colour in colours) >= CONTRAST


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "soft", "accent", "good", "watch", "bad"])
def test_text_of_a_page_can_be_read_on_all_its_backgrounds(mode, text):
    light, dark = drawing_style().split("@media (prefers-color-scheme: dark)")[:2]
    colours = dict(re.findall(r"--(\w+): (#\w{6});", light if mode == "light" else dark))
    for background in ("page", "card", "code"):
        assert contrast(colours[text], colours[background]) >= CONTRAST, background
    assert contrast(colours["card"], colours["ink"]) >= CONTRAST  # the values that a pointer shows


@given(st.text())
def test_an_escaped_label_is_read_as_it_was_written(word):
    shown = plain_label(escape_label(word))
    assert escape_label(word) == "" or shown
    assert plain_label("&lt;br&gt;<br>&amp;lt;") == "<br> &lt;"

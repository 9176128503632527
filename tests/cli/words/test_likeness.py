"""`morelike likeness`: words against other lists."""

import json

import pytest

from ..test_bad_input import complaint


@pytest.fixture
def lists(tmp_path):
    (tmp_path / "marks.txt").write_text("Xerox\nCoca-Cola\n")
    (tmp_path / "own.txt").write_text("emmaly\n")
    return ("--list", "marks.txt", "--list", "own.txt")


def test_each_word_is_a_row_with_its_most_like_entries(run, lists):
    ran = run("likeness", "zeroks", "emmali", "quo", *lists)
    assert (ran.status, ran.err) == (0, "")
    assert [line.split("\t") for line in ran.out.splitlines()] == [
        ["word", "spelled_like", "spelling", "spelling_list", "sounds_like", "sound", "sound_list", "alike"],
        ["zeroks", "Xerox", "0.50", "marks.txt", "Xerox", "1.00", "marks.txt", "yes"],
        ["emmali", "emmaly", "0.83", "own.txt", "emmaly", "1.00", "own.txt", "yes"],
        ["quo", "Xerox", "0.20", "marks.txt", "Xerox", "0.25", "marks.txt", "no"],
    ]
    assert run("likeness", *lists, stdin=b"zeroks\nemmali\nquo\n").out == ran.out


def test_the_threshold_and_the_formats_are_those_of_the_caller(run, lists, tmp_path):
    (found,) = run("likeness", "zerks", *lists, "--threshold", "1", "--json").json["words"]
    assert (found["sounds_like"], found["sound"], found["alike"]) == ("Xerox", 1.0, True)
    assert run("likeness", "xerax", "Ω", *lists, "-o", "report.jsonl").status == 0
    rows = [json.loads(line) for line in (tmp_path / "report.jsonl").read_text("utf-8").splitlines()]
    assert [(row["word"], row["sounds_like"], row["alike"]) for row in rows] == [
        ("xerax", "Xerox", True),
        ("Ω", "", False),
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["emma"], 2, "no list to compare with: name one, such as --list trademarks.txt"),
        (["emma", "--list", "nowhere.txt"], 1, "nowhere.txt"),
        (["emma", "--list", "own.txt", "--threshold", "2"], 2, "--threshold 2: give a number from 0 to 1"),
    ],
)
def test_what_is_missing_is_told(run, lists, arguments, status, says):
    assert says in complaint(run("likeness", *arguments), status)

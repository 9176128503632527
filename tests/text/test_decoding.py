"""Decoding in blocks: the block size changes nothing, good lines come before an error, and errors name their line."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import ListError
from morelike.text.decoding import TextBlock, decode_blocks

MAX_LENGTH = 6
TEXTS = st.text("ab é€🙂\u0308\r\n\ufeff", max_size=40)
BLOCK_BYTES = st.integers(1, 20) | st.just(-1)


def decoded(data, block_bytes, max_length=MAX_LENGTH):
    """Return the decoded lines with their numbers, and the message of the error or None."""
    lines = []
    blocks = decode_blocks(io.BytesIO(data).read, "a list", block_bytes=block_bytes, max_length=max_length)
    try:
        for block in blocks:
            lines += enumerate(block.lines, block.first_line)
    except ListError as error:
        return lines, str(error)
    return lines, None


def split_by_hand(text):
    """Return the lines of a text with their numbers, by Python's own rules for line ends."""
    lines = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8").read().split("\n")
    lines = lines[:-1] if not lines[-1].lstrip("\ufeff") else lines
    return list(enumerate([line.lstrip("\ufeff") for line in lines], 1))


@given(text=TEXTS, block_bytes=BLOCK_BYTES, mark=st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_blocks_of_any_size_give_the_lines_of_the_whole_text(text, block_bytes, mark):
    expected = split_by_hand(mark.decode() + text)
    assert decoded(mark + text.encode(), block_bytes, None) == (expected, None)


@given(text=TEXTS, block_bytes=BLOCK_BYTES, encoding=st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_utf16_with_a_byte_order_mark_gives_the_lines_of_its_text(text, block_bytes, encoding):
    assert decoded(("\ufeff" + text).encode(encoding), block_bytes, None) == (split_by_hand("\ufeff" + text), None)


@given(data=st.binary(max_size=40) | TEXTS.map(str.encode), block_bytes=BLOCK_BYTES)
def test_blocks_of_any_size_give_the_same_lines_and_refuse_the_same_line(data, block_bytes):
    (lines, error), (expected_lines, expected_error) = decoded(data, block_bytes), decoded(data, -1)
    assert lines == expected_lines
    # The reason may differ: a long line is refused before its end and its other faults are read.
    assert (error or "").partition(": ")[0] == (expected_error or "").partition(": ")[0]


BAD = {
    b"a\0b": "a NUL byte, so this is not a text file; save it as UTF-8 text",
    b"a\xff\0": "a NUL byte, so this is not a text file; save it as UTF-8 text",
    b"a\xffb": "byte 0xff is not valid UTF-8; save the list as UTF-8",
    b"a\xe2\x82": "byte 0xe2 is not valid UTF-8; save the list as UTF-8",
    b"\xed\xa0\x80": "byte 0xed is not valid UTF-8; save the list as UTF-8",
    b"abcdefg": "7 characters; a line may have at most 6 characters",
    "éééééé€".encode(): "7 characters; a line may have at most 6 characters",
}


@given(
    before=st.lists(st.text("abé", max_size=MAX_LENGTH), max_size=6),
    end=st.sampled_from(["\n", "\r\n"]),
    bad=st.sampled_from(list(BAD)),
    after=st.sampled_from([b"", b"\nava\n", b"\n\xff\n", b"\n\0\n", b"\nabcdefgh\n"]),
    block_bytes=BLOCK_BYTES,
)
def test_the_good_lines_before_the_first_bad_line_are_yielded_and_the_error_names_it(
    before, end, bad, after, block_bytes
):
    data = "".join(line + end for line in before).encode() + bad + after
    lines, error = decoded(data, block_bytes)
    assert lines == list(enumerate(before, 1))
    assert error == f"a list, line {len(before) + 1}: {BAD[bad]}"


@given(block_bytes=BLOCK_BYTES)
def test_a_line_without_an_end_is_refused_after_the_lines_before_it(block_bytes):
    lines, error = decoded(b"emma\nava\n" + b"x" * 1000, block_bytes)
    assert lines == [(1, "emma"), (2, "ava")]
    assert error.startswith("a list, line 3: ")
    assert error.endswith("1,000 characters; a line may have at most 6 characters") or "more than 6" in error


@given(end=st.sampled_from([b"", b"\n", b"\r\n"]), block_bytes=BLOCK_BYTES)
def test_a_line_of_the_greatest_length_is_accepted(end, block_bytes):
    assert decoded("🙂".encode() * MAX_LENGTH + end, block_bytes) == ([(1, "🙂" * MAX_LENGTH)], None)


@given(text=TEXTS, block_bytes=BLOCK_BYTES)
def test_each_block_but_the_last_ends_with_a_line(text, block_bytes):
    blocks = list(decode_blocks(io.BytesIO(text.encode()).read, "a list", block_bytes=block_bytes, max_length=None))
    assert all(block.text.endswith("\n") for block in blocks[:-1])
    assert [line for block in blocks for line in block.lines] == [line for _, line in split_by_hand(text)]


def test_a_block_is_decoded_before_the_next_one_is_read():
    sizes = []

    def read(size):
        sizes.append(size)
        return b"emma\n" if len(sizes) == 1 else b""

    blocks = decode_blocks(read, "a list")
    assert next(blocks) == TextBlock(1, "emma\n")
    assert len(sizes) == 1


def test_a_source_that_fails_while_it_is_read_is_named():
    def read(size):
        raise OSError(5, "Input/output error")

    with pytest.raises(ListError, match=r"^a list cannot be read: Input/output error$"):
        list(decode_blocks(read, "a list"))

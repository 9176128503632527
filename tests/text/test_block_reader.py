"""Reading a list in blocks gives the same words, counts and errors as reading it at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morelike.errors import ListError
from morelike.text.block_reader import BlockReader
from morelike.text.decoding import BLOCK_BYTES
from morelike.text.reading import read_corpus
from morelike.text.sources import open_source

LISTS = st.text("ab\u0308\u1100\u1161 \t\r\n12\ufeff", max_size=40).map(str.encode) | st.binary(max_size=20)


def read_whole(path):
    corpus = read_corpus(path)
    return corpus.words, corpus.counts, corpus.blank


def read_in_blocks(path, block_bytes):
    with open_source(path) as (_, file):
        reader = BlockReader(file.read, path, block_bytes)
        blocks = list(reader)
    counts = [count for block in blocks for count in block.counts or []]
    words = [word for block in blocks for word in block.words]
    return words, counts if reader.counted else None, sum(block.blank for block in blocks)


@settings(max_examples=80)
@given(data=LISTS, block_bytes=st.integers(3, 12))
def test_blocks_of_any_size_give_the_words_and_counts_of_the_list(tmp_path_factory, data, block_bytes):
    path = tmp_path_factory.getbasetemp() / "stream.txt"
    path.write_bytes(data)
    try:
        expected = read_whole(path)
    except ListError as error:
        if "is empty" in str(error):
            assert read_in_blocks(path, block_bytes)[0] == []
            return
        with pytest.raises(ListError):
            read_in_blocks(path, block_bytes)
        return
    assert read_in_blocks(path, block_bytes) == expected


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a\nb\0c\n", 2),
        (b"a\nb\n\xff\n", 3),
        (b"\xef\xbb\xbfa\n\xff\n", 2),
        (b"a\n\nb\tx\n", 3),
        (b"a\t1\n\nb\n", 3),
        (b"a\t1\nb\t-2\n", 2),
        (b"a\n" + b"b" * 100_001 + b"\n", 2),
    ],
)
@pytest.mark.parametrize("block_bytes", [64, 1 << 20])
def test_errors_are_the_same_in_blocks_and_at_once(tmp_path, data, line, block_bytes):
    path = tmp_path / "words.txt"
    path.write_bytes(data)
    with pytest.raises(ListError) as expected:
        read_corpus(path)
    with pytest.raises(ListError) as found:
        read_in_blocks(path, block_bytes)
    assert str(found.value) == str(expected.value)
    assert f"line {line}: " in str(found.value)


def test_a_line_without_end_is_refused_before_all_of_it_is_read():
    given = []

    def endless(size):
        given.append(size)
        return b"x" * size

    with pytest.raises(ListError, match="line 1: more than 100,000 characters"):
        list(BlockReader(endless, "endless"))
    assert sum(given) <= 2 * BLOCK_BYTES

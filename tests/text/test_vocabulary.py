import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import VocabularyError
from morelike.text.vocabulary import END, TokenLines, Vocabulary

WORDS = st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])), max_size=8)

ODD_WORDS = {
    "emoji": ["😀😃", "👩‍👩‍👧", "🇫🇷", "👍🏽"],
    "combining marks": ["q\u0307\u0323", "\u0301", "x\u0336\u0336"],
    "right to left": ["שלום", "مرحبا", "ab\u202eba"],
    "the end symbol's own picture": [".", "..", "a.b"],
    "controls": ["\r", "\x00", "\x85", "\u2028"],
    "first and last code point": ["\x01", "\U0010ffff"],
    "empty words": ["", "", ""],
}


@given(WORDS)
def test_decoding_undoes_encoding(words):
    vocabulary = Vocabulary.of(words)
    assert [vocabulary.decode(vocabulary.encode(word)) for word in words] == words


@given(WORDS)
def test_characters_are_distinct_sorted_and_numbered_from_1(words):
    vocabulary = Vocabulary.of(words)
    assert list(vocabulary.characters) == sorted(set("".join(words)))
    assert vocabulary.encode("".join(vocabulary.characters)) == list(range(1, vocabulary.size))


@given(WORDS)
def test_encoding_all_lines_at_once_equals_encoding_word_by_word(words):
    vocabulary = Vocabulary.of(words)
    lines = vocabulary.encode_lines(words)
    assert lines.tokens.tolist() == [i for word in words for i in [*vocabulary.encode(word), END]]
    assert lines.lengths.tolist() == [len(word) + 1 for word in words]
    assert len(lines) == len(words)
    assert lines.tokens.dtype == np.int32


@pytest.mark.parametrize("words", ODD_WORDS.values(), ids=ODD_WORDS.keys())
def test_every_script_and_sign_is_kept(words):
    vocabulary = Vocabulary.of(words)
    lines = vocabulary.encode_lines(words)
    spans = zip(lines.offsets[:-1], lines.offsets[1:], strict=True)
    assert [vocabulary.decode(lines.tokens[i:j].tolist()) for i, j in spans] == words
    assert vocabulary.decode_lines(lines) == words


def test_an_alphabet_of_100_000_symbols_is_encoded():
    characters = [chr(i) for i in range(0x10000, 0x10000 + 100_000)]
    vocabulary = Vocabulary.of(["".join(characters)])
    lines = vocabulary.encode_lines(characters)
    assert vocabulary.size == 100_001
    assert lines.tokens[::2].tolist() == list(range(1, 100_001))
    assert vocabulary.decode(vocabulary.encode("".join(characters))) == "".join(characters)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("em-ma", "the character '-' (U+002D) at position 3 of 'em-ma'"),
        ("é", "the character 'é' (U+00E9) at position 1 of 'é'"),
        ("a😀", "the character '😀' (U+1F600) at position 2 of 'a😀'"),
        ("ma\u0301", "(U+0301) at position 3"),
        ("a\0", "the character '\\x00' (U+0000) at position 2"),
        ("a?!", "the character '?' (U+003F) at position 2"),
    ],
)
def test_an_unknown_character_is_named_with_its_code_point_and_position(word, message):
    vocabulary = Vocabulary.of(["emma"])
    with pytest.raises(VocabularyError) as alone:
        vocabulary.encode(word)
    with pytest.raises(VocabularyError) as among_others:
        vocabulary.encode_lines(["emma", "", word, "??"])
    assert message in str(alone.value)
    assert str(among_others.value) == str(alone.value)


def test_a_long_word_is_shown_shortened_in_the_error():
    with pytest.raises(VocabularyError, match=r"position 5001 of 'a{40}…'") as caught:
        Vocabulary.of(["a"]).encode("a" * 5000 + "b")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("encode", [Vocabulary.encode, lambda vocabulary, word: vocabulary.encode_lines([word])])
def test_a_line_end_inside_a_word_is_refused_not_taken_for_two_words(encode):
    with pytest.raises(VocabularyError, match=r"U\+000A"):
        encode(Vocabulary.of(["ab"]), "a\nb")


@pytest.mark.parametrize("encode", [Vocabulary.encode, lambda vocabulary, word: vocabulary.encode_lines([word])])
def test_half_of_a_surrogate_pair_is_an_unknown_character_not_a_crash(encode):
    with pytest.raises(VocabularyError, match=r"U\+DCFF"):
        encode(Vocabulary.of(["ab"]), "a\udcff")


@pytest.mark.parametrize("characters", [("b", "a"), ("a", "a"), ("ab",), ("",)])
def test_a_vocabulary_that_is_not_sorted_single_characters_is_refused(characters):
    with pytest.raises(VocabularyError):
        Vocabulary(characters)


def test_the_vocabulary_of_no_words_holds_the_end_symbol_alone():
    assert Vocabulary.of([]).size == 1
    assert Vocabulary.of([]).encode_lines(["", ""]).tokens.tolist() == [END, END]


def test_no_words_make_no_lines():
    lines = Vocabulary.of(["a"]).encode_lines([])
    assert (len(lines), lines.tokens.tolist(), lines.offsets.tolist()) == (0, [], [0])


def test_unknown_characters_are_dropped():
    assert Vocabulary.of(["Zoë"]).drop_unknown(" Zo-ë! ") == "Zoë"


@given(WORDS.filter(bool), st.data())
def test_taking_lines_is_encoding_those_words(words, draw):
    chosen = draw.draw(st.lists(st.integers(0, len(words) - 1)))
    vocabulary = Vocabulary.of(words)
    taken = vocabulary.encode_lines(words).take(np.array(chosen, dtype=np.int64))
    expected = vocabulary.encode_lines([words[i] for i in chosen])
    assert isinstance(taken, TokenLines)
    assert taken.tokens.tolist() == expected.tokens.tolist()
    assert taken.offsets.tolist() == expected.offsets.tolist()

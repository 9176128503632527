"""Blends: models over different characters, averaged character by character with given weights."""

import math
from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.architecture import kinds
from morelike.ensembles.mixture import Mixture
from morelike.errors import ModelError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.workflows.blending import missing_characters, save_blend
from morelike.workflows.mixing import mix

from ..language_model.small_models import all_words, chi_square_is_likely, small_model

LATIN = ["anna", "hanna", "anne", "hannah", "nan", "hen", "ann", "nanna", "hanne", "ahn"]
GREEK = ["άννα", "να", "αν", "νάνα", "ναν", "άνα", "αννά", "νά"]
MIXED = ["a1", "1a", "n1n", "11", "a1n"]


@pytest.fixture(scope="module")
def members():
    return [small_model("ngram", LATIN), small_model("gru", GREEK, seed=1), small_model("mlp", MIXED, seed=2)]


@pytest.fixture(scope="module")
def blended(members):
    return morelike.blend(members, weights=[0.5, 0.3, 0.2])


def by_hand(model, prefix):
    """Return a member's next-character probabilities: it begins anew after what it does not know."""
    unknown = [i for i, character in enumerate(prefix) if character not in model.vocabulary.characters]
    return model.next(prefix[unknown[-1] + 1 :] if unknown else prefix)


PREFIXES = ["", "a", "an", "να", "aν", "νa", "n1", "1", "1νa", "anνaan", "ά1n", "hanν"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_next_characters_probability_is_the_weighted_mean_of_the_members(members, blended, prefix):
    found = blended.next(prefix)
    each = [by_hand(model, prefix) for model in members]
    assert set(found) == set().union(*each)
    for character, p in found.items():
        mean = np.dot([0.5, 0.3, 0.2], [q.get(character, 0) for q in each])
        assert p == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_probabilities_sum_to_one_over_all_characters_of_all_members(blended, prefix):
    found = blended.next(prefix)
    assert math.fsum(found.values()) == pytest.approx(1)
    assert "".join(sorted(found)) == "".join(sorted({*"".join(LATIN + GREEK + MIXED)}))


def test_a_character_that_only_one_member_knows_has_that_members_share(members, blended):
    assert blended.next("")["ν"] == pytest.approx(0.3 * members[1].next("")["ν"])


def test_a_words_probability_is_the_product_of_its_steps(blended):
    for word in ["anna", "νάνα", "a1ν", "hν1", "ννaa1h"]:
        steps = [blended.next(word[:i]).get(character) for i, character in enumerate([*word, ""])]
        assert blended.log_probability([word])[0] == pytest.approx(np.log(steps).sum(), abs=1e-5)
        assert blended.surprisal(word).sum() == pytest.approx(-np.log(steps).sum(), abs=1e-5)


def test_words_of_all_alphabets_are_made_and_words_that_mix_them(blended):
    words = blended.sample(300, novel=False, unique=False, max_length=60)
    greek, latin = set("".join(GREEK)), {"a", "e", "h", "n"}
    assert any(set(word) <= greek for word in words)
    assert any(set(word) <= latin for word in words)
    assert any(set(word) & greek and set(word) & latin for word in words)


def test_samples_have_the_frequencies_of_the_probabilities(blended):
    short = all_words(blended.vocabulary.characters, 2)
    p = np.exp(blended.log_probability(short)) / (1 - blended.next("")[""])
    kept = [i for i in np.argsort(-p)[:40] if p[i] * 4000 >= 5]
    assert len(kept) > 10
    words = blended.sample(4000, novel=False, unique=False, max_length=1000, seed=5)
    counts = [words.count(short[i]) for i in kept]
    assert chi_square_is_likely([*counts, 4000 - sum(counts)], [*p[kept], 1 - p[kept].sum()])


@pytest.mark.parametrize("kind", kinds())
def test_a_member_of_every_kind_begins_anew_after_what_it_does_not_know(kind):
    model = small_model(kind, LATIN)
    other = small_model("ngram", MIXED)
    mixed = morelike.blend([model, other])
    for prefix in ("an1", "an1ha", "1"):
        known = prefix.rpartition("1")[2]
        after = 0.5 * model.next(known)["h"]
        assert mixed.next(prefix)["h"] == pytest.approx(after, rel=1e-4)


def test_with_one_alphabet_a_blend_is_the_plain_mixture():
    models = [small_model("ngram", LATIN, order=order) for order in (1, 3)]
    mixed = morelike.blend(models, [3.0, 1.0])
    assert [*mixed.architecture.ids(mixed.weights)] == [None, None]
    steps = np.exp([-model.surprisal("anna") for model in models])
    assert mixed.log_probability(["anna"])[0] == pytest.approx(np.log([0.75, 0.25] @ steps).sum(), abs=1e-6)


def test_weights_are_shares_of_their_sum_and_equal_by_default(members):
    assert morelike.blend(members, [5.0, 3.0, 2.0]).weights["mixture"].tolist() == pytest.approx([0.5, 0.3, 0.2])
    assert morelike.blend(members).weights["mixture"].tolist() == pytest.approx([1 / 3] * 3)


def test_a_blend_of_blends_is_flat_and_has_the_products_of_the_weights(members, blended):
    nested = morelike.blend([morelike.blend(members[:2], [5.0, 3.0]), members[2]], [0.8, 0.2])
    assert [each["kind"] for each in nested.architecture.members] == ["ngram", "gru", "mlp"]
    words = ["anna", "να", "a1ν"]
    np.testing.assert_allclose(nested.log_probability(words), blended.log_probability(words), atol=1e-6)


def test_new_words_are_those_that_no_members_list_holds(blended):
    assert all(blended.known.split_of(word) != "new" for word in [*LATIN, *GREEK, *MIXED])
    assert blended.known.split_of("ανa") == "new"
    assert not {*blended.sample(50, max_length=60)} & {*LATIN, *GREEK, *MIXED}


def test_what_each_model_lacks_is_told(members):
    assert missing_characters(members)[1] == "1aehn"
    assert missing_characters(members[:1] * 2) == ["", ""]


def test_a_blend_saved_and_loaded_is_the_same_bit_for_bit(blended, tmp_path):
    run = save_blend(blended, tmp_path, ["a", "b", "c"])
    loaded = morelike.load(run.path)
    words = ["anna", "να", "a1ν"]
    np.testing.assert_array_equal(loaded.log_probability(words), blended.log_probability(words))
    assert loaded.sample(10, seed=2) == blended.sample(10, seed=2)
    assert "0.5 `words` (ngram)" in (run.model / "README.md").read_text()


@pytest.mark.parametrize("ids", [[0, 1, 1], [0, 2, -1], [1, 0, -1], [0, 1, 7], [0, 1]])
def test_ids_that_are_no_ids_do_not_load(ids, tmp_path):
    models = [small_model("ngram", ["a", "aa"]), small_model("ngram", ["b", "bb"])]
    broken = morelike.blend(models)
    broken = replace(broken, weights={**broken.weights, "ids.0": np.array(ids, dtype=np.int32)})
    with pytest.raises(ModelError, match="its weights do not fit its settings"):
        LanguageModel.load(broken.save(tmp_path / "broken"))


def test_ids_are_no_parameters(members, blended):
    assert blended.parameters == sum(model.parameters for model in members) + 3
    assert isinstance(blended.architecture, Mixture)


def test_running_texts_of_different_characters_are_blended():
    models = [replace(small_model("ngram", [text]), form="text") for text in ("anna hanna " * 5, "101 110 " * 5)]
    mixed = morelike.blend(models)
    assert len(mixed.write(30, prefix="an1")) == 33
    text = "anna 101 hanna 10 nah1 " * 9  # more than one row, which begin with what the members see of the past
    assert mixed.log_probability([text])[0] == pytest.approx(-mixed.surprisal(text).sum(), rel=1e-6)
    steps = [mixed.next(text[:i])[text[i]] for i in range(1, 12)]
    np.testing.assert_allclose(np.exp(-mixed.surprisal(text[:12])), steps, rtol=1e-5)


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([1.0], "weights given: 1; models: 3"),
        ([1.0, 0.0, 1.0], "the weight 0"),
        ([1.0, float("nan"), 1.0], "the weight nan"),
    ],
)
def test_weights_that_make_no_sense_are_refused(members, weights, says):
    with pytest.raises(SettingError, match=says):
        morelike.blend(members, weights)


def test_what_cannot_be_blended_is_refused(members, blended):
    with pytest.raises(SettingError, match="two models or more"):
        morelike.blend(members[:1])
    with pytest.raises(SettingError, match="one of running text cannot be blended"):
        morelike.blend([members[0], replace(members[1], form="text")])
    with pytest.raises(SettingError, match="cannot be mixed further"):
        mix([blended, blended], ["anna"])


UPPER, LOWER = ["ANNA", "ANE", "NEA", "HANNA", "1"], ["anna", "hanna", "anne", "nan", "hen"]


@pytest.fixture(scope="module")
def cases():
    return [small_model("ngram", UPPER), small_model("gru", LOWER, seed=1)]


@pytest.mark.parametrize("prefix", ["", "A", "AN", "aN", "Han", "1a", "A1n", "nE"])
def test_with_folded_case_a_model_reads_an_unknown_letter_in_the_case_that_it_knows(cases, prefix):
    found = morelike.blend(cases, [0.6, 0.4], fold_case=True).next(prefix)
    upper, lower = by_hand(cases[0], prefix.upper()), by_hand(cases[1], prefix.lower())
    assert set(found) == {*upper, *lower}
    for character, p in found.items():
        assert p == pytest.approx(0.6 * upper.get(character, 0) + 0.4 * lower.get(character, 0), abs=1e-6)
    assert math.fsum(found.values()) == pytest.approx(1)


def test_without_it_the_model_starts_again(cases):
    assert morelike.blend(cases).next("hA") != morelike.blend(cases, fold_case=True).next("hA")
    assert morelike.blend(cases).next("hA")["a"] == pytest.approx(0.5 * cases[1].next("")["a"], abs=1e-6)


def test_folded_blends_score_as_they_step_also_inside_blends_and_on_disk(cases, tmp_path):
    inner = morelike.blend(cases, [0.6, 0.4], fold_case=True)
    outer = morelike.blend([inner, small_model("ngram", MIXED)], [0.5, 0.5], fold_case=True)
    for blended in (inner, LanguageModel.load(inner.save(tmp_path / "inner")), outer):
        for word in ("AnNa", "hAn", "1an"):
            steps = [-math.log(blended.next(word[:i])[c]) for i, c in enumerate([*word, ""])]
            assert blended.surprisal(word) == pytest.approx(steps, abs=1e-5)
            assert blended.losses([word])[0] == pytest.approx(sum(steps), abs=1e-4)
    assert outer.next("An")["n"] == pytest.approx(
        0.5 * inner.next("An")["n"] + 0.5 * small_model("ngram", MIXED).next("an")["n"], abs=1e-6
    )
    assert all(blended.sample(5, seed=1) for blended in (inner, outer))


def test_folded_blends_of_running_text_score_as_they_step():
    texts = [" ".join(words) for words in (UPPER, LOWER)]
    members = [morelike.train(text, "ngram", form="text", split="none", order=3) for text in texts]
    blended = morelike.blend(members, fold_case=True)
    text = "AnNe hanNA"
    steps = [-math.log(blended.next(text[:i])[text[i]]) for i in range(1, len(text))]
    assert blended.surprisal(text) == pytest.approx(steps, abs=1e-5)
    assert blended.losses([text])[0] == pytest.approx(sum(steps), abs=1e-4)


def test_an_id_to_read_that_a_member_does_not_have_is_refused(cases):
    blended = morelike.blend(cases, fold_case=True)
    ids = blended.weights["ids.0"]
    assert (ids < -1).any()
    for wrong in (-2, -2 - int(ids.max()) - 1):
        damaged = {**blended.weights, "ids.0": np.where(ids < -1, np.int32(wrong), ids)}
        assert not blended.architecture.fits(damaged, blended.vocabulary.size)
    assert blended.architecture.fits(blended.weights, blended.vocabulary.size)

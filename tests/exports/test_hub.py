"""The folder for the hub: a model with a card whose front matter the hub reads, and with warnings where needed."""

from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.errors import ExportError, ModelError, SettingError
from morelike.exports.format import export

from ..language_model.small_models import WORDS, labelled_model, small_model
from .hub_server import hub  # noqa: F401  (a fixture)

LOSS = {"nats": 2.0, "bits": 2.8854, "interval": [1.9, 2.1], "lines": 4, "characters": 20, "perplexity": 7.389}
NAMES = {"list": "names", "lines": 32178, "split": "shuffle-42", "fingerprint": "0" * 64, "losses": {"dev": LOSS}}


def exported(tmp_path, model, **settings):
    """Return the card of an exported model, and the sentences about it."""
    from huggingface_hub import ModelCard  # its import is slow

    notes = []
    export(model, "hub", tmp_path / "folder", on_note=notes.append, **settings)
    return ModelCard.load(tmp_path / "folder" / "README.md"), notes


def model_of(facts):
    return replace(small_model("gru"), facts=facts)


def test_the_front_matter_of_a_list_of_the_catalogue(tmp_path):
    card, notes = exported(tmp_path, model_of(NAMES), license="mit", repository="anna/names")
    data = card.data
    assert (data.library_name, data.license, data.language, data.pipeline_tag) == (
        "morelike",
        "mit",
        ["en"],
        "text-generation",
    )
    assert data.tags == ["morelike", "character-language-model", "gru", "names"]
    assert data["data_license"] == "US government work, public domain"
    nats, perplexity = data.eval_results
    assert (nats.metric_type, nats.metric_value, nats.metric_args) == (
        "cross-entropy",
        2.0,
        {"interval": [1.9, 2.1], "confidence": 0.95},
    )
    assert (perplexity.dataset_name, perplexity.dataset_split, perplexity.metric_value) == ("names", "dev", 7.3891)
    assert perplexity.metric_args["interval"] == [6.6859, 8.1662]
    assert "**The list holds names of people.**" in card.text
    assert "morelike sample hub:anna/names -n 20" in card.text
    assert notes == [f"Upload it with `hf upload anna/names {tmp_path / 'folder'}`."]


def test_what_is_not_known_is_left_out_and_told(tmp_path):
    card, notes = exported(tmp_path, small_model("gru"))
    assert set(card.data.to_dict()) == {"library_name", "pipeline_tag", "tags"}
    assert notes[1:] == [
        "The card does not state the licence of the model: give --license.",
        "The card does not state the language: give --language.",
        "The card does not state the licence of the list: give --data-license.",
        "The card does not state whether the list holds people or passwords: give --holds.",
    ]
    assert "The list holds" not in card.text


@pytest.mark.parametrize(
    ("facts", "settings", "warned"),
    [
        (NAMES | {"list": "rockyou-2009"}, {}, "passwords that people chose"),
        (NAMES | {"list": "Prénoms"}, {}, "names of people"),
        (NAMES | {"list": "villages", "lines": 3}, {"holds": "people"}, "names of people"),
        (NAMES | {"list": "brand names"}, {"holds": "other"}, None),
        (NAMES | {"list": "villages"}, {}, None),
    ],
)
def test_a_list_of_people_or_passwords_is_warned_about(tmp_path, facts, settings, warned):
    card, _ = exported(tmp_path, model_of(facts), **settings)
    assert ("**The list holds" in card.text) == (warned is not None)
    assert warned is None or warned in card.text


def test_a_users_list_with_the_name_of_a_shipped_one_does_not_get_its_licence(tmp_path):
    card, _ = exported(tmp_path, model_of(NAMES | {"lines": 12}))
    assert card.data.get("data_license") is None


def test_the_hashes_of_the_list_go_along_only_when_asked_for(tmp_path):
    model = small_model("gru")
    card, notes = exported(tmp_path, model)
    assert "comes without the hashes of its list" in card.text
    loaded = morelike.load(tmp_path / "folder")
    assert not [hashes for hashes in (loaded.known.train, loaded.known.dev, loaded.known.test) if len(hashes)]
    card, notes = exported(tmp_path, model, with_list=True)
    assert "Anyone can test whether a given word was in the list" in card.text
    assert "The folder discloses which words were in the list: it holds a hash of each." in notes
    np.testing.assert_array_equal(morelike.load(tmp_path / "folder").known.train, model.known.train)


def test_a_hostile_name_of_a_list_stays_a_value_of_the_front_matter(tmp_path):
    name = "x\n---\nlicense: evil\nlist: [`"
    card, _ = exported(tmp_path, model_of(NAMES | {"list": name}), data_license="a\n---\nlicense: evil")
    assert card.data.license is None
    assert card.data.eval_results[0].dataset_name == name
    assert "\n---\n" not in card.text


@pytest.mark.usefixtures("hub")
def test_an_exported_model_is_loaded_from_the_hub(hub, tmp_path):  # noqa: F811
    model = labelled_model("gru", WORDS, ["girl", "boy"] * 7, layers=1)
    export(model, "hub", tmp_path / "folder")
    hub.put(tmp_path / "folder")
    loaded = morelike.load("hub:anna/names")
    assert loaded.labels == model.labels
    np.testing.assert_array_equal(loaded.log_probability(WORDS), model.log_probability(WORDS))


def test_a_model_under_one_label_is_refused(tmp_path):
    model = labelled_model("gru", WORDS, ["girl", "boy"] * 7)
    with pytest.raises(ExportError, match="holds the model with all its labels: leave out the label"):
        export(model.conditioned_on("girl"), "hub", tmp_path / "folder")


def test_an_occupied_place_and_an_impossible_setting_are_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ModelError, match="is there already and is not a model"):
        export(small_model("gru"), "hub", tmp_path / "file")
    with pytest.raises(SettingError, match="license = 'My own'"):
        export(small_model("gru"), "hub", tmp_path / "folder", license="My own")

"""How every architecture takes its settings."""

from typing import get_args

import numpy as np
import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic import ValidationError

from morelike.architecture import build, find, kinds
from morelike.errors import SettingError
from morelike.runs.plan import make_plan
from morelike.runs.settings import FEWEST_STEPS, MOST_QUICK_STEPS, configure_kind
from morelike.text.corpus import Corpus
from morelike.text.reading import read_lines
from morelike.text.vocabulary import Vocabulary
from morelike.training.preparation import prepare
from morelike.training.resources import examples_and_cost

from ..training.runs import TRAINED_KINDS
from .subjects import SUBJECTS, Subject

KINDS = pytest.mark.parametrize("kind", kinds())
BEYOND = {Ge: lambda x: x.ge - 1, Gt: lambda x: x.gt, Le: lambda x: x.le + 1, Lt: lambda x: x.lt}


def wrong_values():
    """Yield (kind, setting, value) for each setting of each kind: nonsense, and a value beyond each of its bounds."""
    for kind in kinds():
        for name, field in find(kind).model_fields.items():
            beyond = [BEYOND[type(bound)](bound) for bound in field.metadata if type(bound) in BEYOND]
            values = ["nonsense", None, [], *beyond]
            if field.annotation is float:
                values += [float("nan"), float("inf"), float("-inf")]
            if field.annotation is int:
                values += [1.5]
            yield from ((kind, name, value) for value in values)


@pytest.mark.parametrize(("kind", "setting", "value"), list(wrong_values()))
def test_a_wrong_value_is_refused_with_the_kind_the_setting_and_the_value(kind, setting, value):
    with pytest.raises(SettingError) as caught:
        build(kind, {setting: value})
    message = str(caught.value)
    assert message.startswith(f"{kind}: {setting} = {value!r}: ")
    assert "pydantic" not in message
    assert "\n" not in message


@KINDS
def test_numbers_are_bounded_below(kind):
    for name, field in find(kind).model_fields.items():
        if field.annotation in (int, float):
            assert [bound for bound in field.metadata if isinstance(bound, Ge | Gt)], name


@KINDS
def test_an_unknown_setting_is_refused_with_the_known_ones(kind):
    with pytest.raises(SettingError) as caught:
        build(kind, {"zzz": 1})
    known = ", ".join(find(kind).model_fields)
    assert str(caught.value) == f"{kind} has no setting 'zzz'. The settings of {kind}: {known}"


@KINDS
def test_a_misspelled_setting_is_refused_with_the_nearest_one(kind):
    name = max(find(kind).model_fields, key=len)
    with pytest.raises(SettingError, match=f"has no setting '{name}s'; did you mean '{name}'"):
        build(kind, {f"{name}s": 1})


@KINDS
def test_a_setting_of_another_kind_is_refused_with_that_kind(kind):
    mine = find(kind).model_fields
    foreign = [(other, name) for other in kinds() for name in find(other).model_fields if name not in mine]
    for other, name in foreign:
        with pytest.raises(SettingError, match=f"{kind} has no setting '{name}'; it is a setting of .*{other}"):
            build(kind, {name: 1})


@KINDS
def test_settings_cannot_be_changed_afterwards(kind):
    architecture = build(kind, {})
    with pytest.raises(ValidationError, match="frozen"):
        setattr(architecture, next(iter(type(architecture).model_fields)), 1)


@KINDS
def test_settings_go_to_plain_values_and_back(kind):
    architecture = build(kind, {})
    assert architecture.kind == kind
    assert build(kind, architecture.model_dump(mode="json")) == architecture


@pytest.mark.parametrize("which", ["training", "quick"])
@KINDS
def test_settings_of_training_that_suit_a_kind_are_plain_values(kind, which):
    for name, value in getattr(find(kind), which, {}).items():
        assert isinstance(name, str)
        assert isinstance(value, int | float | str)


LISTS = {"a few words": 3, "200 words": 60, "names": 13_000, "millions of words": 10_000_000}


@pytest.mark.parametrize("rows", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("kind", TRAINED_KINDS)
def test_a_quick_run_has_settings_of_its_own_and_a_few_hundred_steps_on_every_list(kind, rows):
    _, usual = configure_kind(kind, {})
    architecture, quick = configure_kind(kind, {}, quick=True)
    examples = rows * (15 if architecture.window else 1)
    steps, long = (each.resolved(examples, 1e5).steps for each in (quick, usual))
    assert FEWEST_STEPS <= steps <= MOST_QUICK_STEPS
    assert steps < long or (steps == long == FEWEST_STEPS)


@pytest.mark.parametrize("kind", TRAINED_KINDS)
def test_a_quick_run_on_names_costs_a_fraction_of_the_usual_one(kind):
    def operations(*, quick):
        plan = make_plan(Corpus("words", words), kind, split="none", quick=quick, settings={})
        training, symbols = prepare(plan).plan.training, 27
        lines = Vocabulary.of(words).encode_lines(words)
        architecture = plan.architecture.as_trained("it has no steps")
        _, cost = examples_and_cost(architecture, training, lines, symbols, text=False)
        return training.steps * training.batch_size * cost

    words = read_lines("names")
    assert operations(quick=True) < min(0.6 * operations(quick=False), 3e11)


@pytest.mark.parametrize("settings", [{"epochs": 0.5}, {"steps": 3}])
def test_a_given_length_has_no_floor_and_no_ceiling(settings):
    for kind in TRAINED_KINDS:
        _, training = configure_kind(kind, settings, quick=True)
        assert training.resolved(64, 1e5).steps <= 3
        assert training.resolved(10**9, 1e5).steps >= settings.get("steps", 10**5)


@pytest.mark.parametrize("kind", ["grru", "", "GRU", "gru.py", "__init__", "../gru"])
def test_an_unknown_kind_is_refused_with_the_known_ones(kind):
    with pytest.raises(SettingError) as caught:
        build(kind, {})
    assert str(caught.value).startswith(f"no model is called '{kind}'; there are {', '.join(kinds())}")


def test_a_misspelled_kind_is_refused_with_the_nearest_one():
    with pytest.raises(SettingError, match="did you mean 'mlp'"):
        find("mpl")


def other_values(name, field, value):
    """Return another valid value of a setting of an architecture, with what must change along with it."""
    if isinstance(value, bool):
        return {name: not value}
    if isinstance(value, str):
        return {name: next(each for each in get_args(field.annotation) if each != value)}
    return {name: 0.5 if isinstance(value, float) else 2 * value}


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_a_setting_of_an_architecture_changes_the_model_unless_it_is_said_to_be_idle(subject):
    architecture = subject.architecture
    idle = architecture.idle_settings()
    assert architecture.settings_in_use().keys() | idle.keys() == architecture.model_dump().keys() | idle.keys()
    for name, field in type(architecture).model_fields.items():
        if field.exclude or name.endswith("dropout") or name in ("tied", "one_hot"):  # dropout changes training alone
            continue
        try:
            other = Subject(
                subject.kind, {**subject.settings, **other_values(name, field, getattr(architecture, name))}
            )
            before, after = subject.fresh(), other.fresh()
        except SettingError:
            continue  # settings that must fit one another
        same = before.keys() == after.keys() and all(np.array_equal(before[key], after[key]) for key in before)
        same = same and other.architecture.receptive_field == architecture.receptive_field
        same = same and other.architecture.block_length == architecture.block_length
        if name != "heads":  # the same weights, used in another way
            assert same == (name in idle), name

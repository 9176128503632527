"""How every architecture takes its settings."""

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic import ValidationError

from morelike.architecture import build, find, kinds
from morelike.errors import SettingError

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


@pytest.mark.parametrize("kind", ["grru", "", "GRU", "gru.py", "__init__", "../gru"])
def test_an_unknown_kind_is_refused_with_the_known_ones(kind):
    with pytest.raises(SettingError) as caught:
        build(kind, {})
    assert str(caught.value).startswith(f"no model is called '{kind}'; there are {', '.join(kinds())}")


def test_a_misspelled_kind_is_refused_with_the_nearest_one():
    with pytest.raises(SettingError, match="did you mean 'mlp'"):
        find("mpl")

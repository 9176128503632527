"""A new filter takes one function, one line of `FILTERS` and one setting, all in `filters.py`."""

import subprocess
import sys
from pathlib import Path

import pytest

from morelike.errors import SettingError
from morelike.sampling import filters
from morelike.sampling.filters import FILTERS, SamplingConfig

from ..language_model.small_models import small_model

NEW_FILTER = '''
import inspect, sys
from importlib.util import module_from_spec, spec_from_loader

source = open(sys.argv[1], encoding="utf-8").read()
setting = "    ban: int | None = Field(None, ge=1, description='no such id')\\n"
source = source.replace("    greedy: bool", setting + "    greedy: bool")
source = source.replace("\\nFILTERS:", """
def ban(logits, token):
    return np.where(np.arange(logits.shape[-1]) == token, -np.inf, logits)

FILTERS:""").replace('"min_p": min_p,', '"min_p": min_p,\\n    "ban": ban,')
module = module_from_spec(spec_from_loader("morelike.sampling.filters", None))
sys.modules[module.__name__] = module
exec(source, module.__dict__)

import morelike
from morelike.cli.main import main
from morelike.web.bodies import SampleRequest, WriteRequest

model = morelike.train(["anna", "hanna", "anne", "hannah", "nan"], kind="ngram", split="none")
first = model.vocabulary.ids["a"]
for constraints in ({}, {"min_length": 2, "max_length": 5}):
    usual = model.sample(20, novel=False, unique=False, **constraints)
    filtered = model.sample(20, novel=False, unique=False, **constraints, ban=first)
    assert any("a" in word for word in usual)
    assert not any("a" in word for word in filtered)
assert "ban" in inspect.signature(model.sample).parameters
assert "ban: no such id." in model.write.__doc__
assert {"ban"} <= SampleRequest.model_fields.keys() & WriteRequest.model_fields.keys()
main(["sample", "--help"])
'''


def test_a_filter_that_is_added_to_the_file_works_everywhere():
    ran = subprocess.run(
        [sys.executable, "-c", NEW_FILTER, Path(filters.__file__)], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert "--ban" in ran.stdout


def test_each_setting_but_greedy_has_its_filter():
    assert FILTERS.keys() == SamplingConfig.model_fields.keys() - {"greedy"}


@pytest.mark.parametrize(
    ("setting", "nearest"), [("temprature", "temperature"), ("sufix", "suffix"), ("uniq", "unique")]
)
def test_an_unknown_setting_is_refused_with_the_nearest_one(setting, nearest):
    with pytest.raises(SettingError, match=f"no setting is called '{setting}'; did you mean '{nearest}'"):
        small_model("ngram").sample(**{setting: 1})


def test_a_setting_of_words_is_unknown_to_running_text():
    with pytest.raises(SettingError, match=r"no setting is called 'suffix'\. The settings are temperature, top_k"):
        small_model("ngram").write(suffix="a")

"""Old names of settings are accepted: in Python with a warning, at the command line with a note, and in files."""

import subprocess
import sys

import pytest

import morelike
from morelike.errors import SettingError
from morelike.renamed_settings import RENAMED_SETTINGS, with_new_names
from morelike.runs.settings import TrainingConfig, read_config

WORDS = ["anna", "hanna", "anne", "hannah"] * 4
COUNTS = [9, 5, 2, 1] * 4


def test_each_new_name_is_declared_and_no_old_name_is():
    fields = TrainingConfig.model_fields
    assert set(RENAMED_SETTINGS.values()) <= set(fields)
    assert not set(RENAMED_SETTINGS) & set(fields)


def test_an_old_name_in_python_means_the_new_one_with_a_warning():
    new = morelike.train(WORDS, "ngram", counts=COUNTS, count_weighting="log")
    with pytest.warns(DeprecationWarning, match="^weights is now count_weighting$"):
        old = morelike.train(WORDS, "ngram", counts=COUNTS, weights="log")
    assert old.facts == new.facts
    loss = new.evaluate(WORDS, counts=COUNTS, count_weighting="none")
    with pytest.warns(DeprecationWarning, match="^weights is now count_weighting$"):
        assert new.evaluate(WORDS, counts=COUNTS, weights="none") == loss


def test_the_warning_is_for_the_module_of_the_caller():
    code = "import morelike; morelike.train(['anna', 'bob'], 'ngram', counts=[2, 1], weights='log')"
    only_callers = [sys.executable, "-W", "error::DeprecationWarning:__main__"]
    ran = subprocess.run([*only_callers, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "DeprecationWarning: weights is now count_weighting" in ran.stderr
    assert ran.returncode == 1


@pytest.mark.parametrize(("old", "new"), RENAMED_SETTINGS.items())
def test_an_estimator_takes_old_names_and_has_the_new_ones(old, new):
    with pytest.warns(DeprecationWarning, match=f"^{old} is now {new}$"):
        estimator = morelike.Estimator("mlp", **{old: 5})
    assert estimator.get_params()[new] == 5
    with pytest.warns(DeprecationWarning, match=f"^{old} is now {new}$"):
        assert estimator.set_params(**{old: 6}).get_params()[new] == 6


def test_the_old_and_the_new_name_together_are_refused():
    with pytest.raises(SettingError, match="batch is now batch_size, and both are given: give batch_size alone"):
        with_new_names({"batch": 3, "batch_size": 3})


def test_a_settings_file_of_an_old_run_is_read(tmp_path):
    (tmp_path / "config.toml").write_text('[training]\nbatch = 8\nrow = 16\nweights = "log"\nseed = 1\n')
    training = read_config(tmp_path / "config.toml")["training"]
    assert training == {"batch_size": 8, "row_length": 16, "count_weighting": "log", "seed": 1}

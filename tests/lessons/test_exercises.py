"""Every exercise: the stub is not tried, each wrong answer gets its own hint, and the solution is right."""

import gc
import time
from contextlib import suppress

import numpy as np
import pytest

from morelike.errors import SettingError
from morelike.lessons import exercise, lessons
from morelike.lessons.checks import Check, checks
from morelike.lessons.exercise import Exercise
from morelike.lessons.judging import defined, time_limit
from morelike.lessons.progress import read_progress
from morelike.lessons.sections import parse_sections

SECTIONS = {section.number: section for lesson in lessons("en") for section in lesson.sections}
SEEDS = range(3)


def test_each_exercise_of_the_lessons_has_its_check_and_each_check_its_exercise():
    assert checks().keys() == SECTIONS.keys()


@pytest.mark.parametrize("number", SECTIONS)
def test_a_stub_is_not_tried_each_wrong_answer_has_its_own_hint_and_the_solution_is_right(number):
    section, task = SECTIONS[number], exercise(number, language="en")
    hints = [wrong.hint for wrong in section.wrong]
    assert len({*hints}) == len(hints)
    for seed in SEEDS if checks()[number].cases else SEEDS[:1]:
        stub = task.judge(defined(section.stub.text, section.answer), seed)
        assert (stub.status, bool(stub)) == ("not tried", False)
        for wrong in section.wrong:
            verdict = task.judge(defined(wrong.code, section.answer), seed)
            assert verdict.status == "wrong"
            assert verdict.message.partition("\n")[0] == f"Not right yet. {wrong.hint}", (wrong.code, seed)
        right = task.judge(defined(section.solution, section.answer), seed)
        assert right, (right, seed)


TABLE_SUMS = "A row does not sum to 1."


@pytest.mark.parametrize(
    ("number", "answer", "shown"),
    [
        ("2.2", lambda counts: (counts + 1.0) / (counts + 1.0).sum(), TABLE_SUMS),
        ("2.2", lambda counts: [], "the result [] is not right"),
        ("4.1", {"a", "c", "e"}, "The answer is a set of letters"),
        ("4.1", {"A, C, E"}, "The answer is a set of letters"),
        ("4.2", lambda weights: {}, "Nothing was changed"),
        ("16.1", lambda p, count, rng: rng.multinomial(count, p), "is not right"),
        ("16.1", lambda probabilities, count, rng: (1, 2, 3), "the result (1, 2, 3) is not right"),
    ],
)
def test_an_answer_of_another_form_gets_no_hint_for_a_right_form(number, answer, shown):
    verdict = exercise(number, language="en").judge(answer, 1)
    assert verdict.status == "wrong"
    assert shown in verdict.message


def test_a_verdict_on_arrays_shows_their_shapes_and_stays_short():
    message = exercise("14.1", language="en").judge(lambda x, h, *weights: h[None] + x.sum(), 1).message
    assert ", shape=(3, 12)), " in message
    assert len(message) < 1000


def test_a_right_table_in_float32_is_right():
    smooth = defined(SECTIONS["2.2"].solution, "smooth")
    assert exercise("2.2", language="en").judge(lambda counts: np.float32(smooth(counts)), 1)


def test_weights_that_a_mended_start_leaves_out_stay():
    assert exercise("4.2", language="en").judge(lambda w: {"W2": w["W2"] * 0.01, "b2": w["b2"] * 0}, 1)


SQUARE = """\
## Exercise 99.1: The square

Write `square(x)`.

```python stub
def square(x):
    ...
```

1. Think.
2. Multiply.

```python wrong
def square(x):
    return 2 * x
```

That is the double.

```python wrong negative
def square(x):
    return -abs(x) - 1
```

A square is never negative.

```python solution
def square(x):
    return x * x
```
"""


@pytest.fixture
def square():
    """An exercise made for these tests."""
    (section,) = parse_sections(SQUARE)
    check = Check(
        cases=lambda rng: [(int(x),) for x in rng.integers(3, 99, size=4)],
        symptoms={"negative": lambda got, expected, x: got < 0},
        seconds=0.2,
    )
    return Exercise(section, check, "en")


def test_an_answer_is_not_tried_wrong_or_right(square):
    assert square.check(lambda x: None).status == "not tried"
    assert square.check(None).status == square.check(...).status == "not tried"
    assert square.check(lambda x: 2 * x).message.startswith("Not right yet. That is the double.")
    assert square.check(lambda x: x**2)


def test_a_symptom_tells_wrong_answers_that_differ_in_their_results(square):
    assert "never negative" in square.check(lambda x: -3).message


def test_a_wrong_answer_of_no_known_kind_gets_the_first_wrong_result_and_the_seed(square):
    verdict = square.check(lambda x: x * x + 1, seed=5)
    x = int(np.random.default_rng(5).integers(3, 99, size=4)[0])
    assert f"For square({x}) the result is {x * x + 1}, but {x * x} was expected." in verdict.message
    assert verdict.message.endswith(".check(square, seed=5)")


def test_a_seed_below_0_is_refused(square):
    with pytest.raises(SettingError, match="seed = -1: give 0 or more"):
        square.check(abs, seed=-1)


def test_inputs_vary_from_check_to_check(square):
    seen = []
    for _ in range(4):
        square.check(seen.append)
    assert len({*seen}) > 4


def test_an_answer_that_raises_gets_a_verdict_in_one_line(square):
    message = square.check(lambda x: [1, 2][x]).message
    assert "the code raises IndexError: list index out of range." in message.partition("\n")[0]
    assert "SystemExit" in square.check(lambda x: exit()).message
    gc.disable()  # JAX has a callback of the collector, which no recursion may reach
    assert "RecursionError" in square.check(recursive).message
    gc.enable()


class UnshownError(Exception):
    """An error, or a result, that cannot be shown."""

    def __str__(self):
        raise ValueError("no text")

    __repr__ = __str__


def test_a_result_or_an_error_that_cannot_be_shown_gets_a_verdict(square):
    def fails(x):
        raise UnshownError

    assert "the code raises UnshownError: <UnshownError>." in square.check(fails).message
    assert "the result is <UnshownError>, but" in square.check(lambda x: UnshownError()).message


def recursive(x):
    return recursive(x) + 1


def test_an_answer_that_never_ends_gets_a_verdict(square):
    def forever(x):
        while True:
            with suppress(Exception):
                x += 1

    started = time.monotonic()
    assert "did not end within 0.2 seconds" in square.check(forever).message
    assert time.monotonic() - started < 2


def test_a_time_limit_leaves_the_timer_of_the_test_running():
    import signal

    before, _ = signal.getitimer(signal.ITIMER_REAL)
    with time_limit(0.5):
        pass
    after, _ = signal.getitimer(signal.ITIMER_REAL)
    assert before - 1 < after <= before


def test_what_is_no_function_is_named(square):
    assert "The answer is 49, but a function was expected: give square itself" in square.check(49).message


def test_an_answer_cannot_change_the_inputs_of_the_solution():
    def build_dataset(words, context):
        words.clear()
        return [], []

    assert not exercise("1.1", language="en").check(build_dataset)


def test_hints_come_in_stages_and_the_solution_last(square):
    assert [repr(square.hint()) for _ in range(3)] == [
        "Hint 1 of 2: Think.",
        "Hint 2 of 2: Multiply.",
        "There are no more hints. .solution() shows a solution.",
    ]
    assert repr(square.stub()) == "def square(x):\n    ..."
    assert repr(square.solution()) == "def square(x):\n    return x * x"


def test_an_exercise_shows_its_task_and_keeps_its_stage():
    assert "Write a function `build_dataset(words, context)`" in repr(exercise("1.1", language="en"))
    assert exercise("1.1", language="en") is exercise(1.1, language="en")


def test_an_unknown_exercise_is_refused():
    with pytest.raises(SettingError, match=r"there is no exercise '0\.7'; there are 1\.1, 1\.2"):
        exercise("0.7")


def test_a_check_is_recorded_and_a_stub_is_not(tmp_path, monkeypatch, square):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    square.check(None)
    assert not read_progress().tries
    square.check(lambda x: 2 * x)
    square.check(lambda x: x * x)
    square.check(lambda x: 2 * x)
    found = read_progress()
    assert found.tries == {"99.1": 2}
    assert found.solved.keys() == {"99.1"}


def test_progress_that_cannot_be_kept_is_a_warning_and_the_verdict_stays(tmp_path, monkeypatch, square):
    (tmp_path / "morelike").write_text("in the way")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.warns(RuntimeWarning, match="your progress is not recorded"):
        assert square.check(lambda x: x * x)

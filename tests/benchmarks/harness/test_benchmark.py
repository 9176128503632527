"""Each file with a `measure()` is a benchmark that says what it is; the table says honestly what was reached."""

import json
import subprocess
import sys

import pytest
from benchmarks.harness.benchmark import Target
from benchmarks.harness.errors import FailedError, SkippedError

from benchmarks.harness import benchmark, table

RATIO = Target("a loop against another", "gru.ratio", 3.5, "x", "same weights", bound="the products wait")
SECONDS = Target("a cold start", "seconds", 0.6, "s", "wall time", at_most=True, bound="imports")


@pytest.mark.parametrize("name", benchmark.names())
def test_a_benchmark_says_what_it_is_and_how_each_target_is_compared(name):
    found = benchmark.find(name)
    assert found.about.endswith(".")
    assert callable(found.measure)
    assert all(isinstance(target, Target) for target in found.targets)
    assert all(target.what and target.compared and target.bound for target in found.targets)
    assert len({target.figure for target in found.targets}) == len(found.targets)


def test_the_list_of_benchmarks_holds_those_with_a_measure_and_no_others():
    assert {"mlp_loop", "figures", "scoring"} <= set(benchmark.names())
    assert not {"benchmark", "loops", "machine", "processes", "table", "to_loss"} & set(benchmark.names())


@pytest.mark.parametrize(
    ("target", "figures", "reached", "met"),
    [
        (RATIO, {"gru": {"ratio": 3.5}}, 3.5, True),
        (RATIO, {"gru": {"ratio": 3.4}}, 3.4, False),
        (RATIO, {"gru": {"failed": "no list"}}, None, None),
        (RATIO, {}, None, None),
        (SECONDS, {"seconds": 0.6}, 0.6, True),
        (SECONDS, {"seconds": 0.7}, 0.7, False),
    ],
)
def test_a_target_is_met_from_its_figure_on_or_up_to_it(target, figures, reached, met):
    assert target.reached(figures) == reached
    assert target.met(figures) is met


FACTS = {"machine": "a processor, 8 GB", "threads": 2, "versions": {"python": "3.11.7"}, "commit": "abc", "seconds": 1}


def lines_of(results):
    targets = {"loop": (RATIO,), "start": (SECONDS,), "gone": (RATIO,)}
    return table.table(results, targets).splitlines()


def test_the_table_has_a_line_for_each_target_with_what_bounds_it_only_where_it_is_missed():
    results = {
        "loop": {**FACTS, "figures": {"gru": {"ratio": 4.0}}},
        "start": {**FACTS, "figures": {"seconds": 0.71}},
        "gone": {**FACTS, "skipped": "the list is absent"},
    }
    _, _, loop, start, gone, _, measured = lines_of(results)
    assert loop == "| a loop against another (`loop`) | 3.5 x | 4 x | same weights |  |"
    assert start == "| a cold start (`start`) | at most 0.6 s | 0.71 s (missed) | wall time | imports |"
    assert "| skipped: the list is absent |" in gone
    assert measured == "Measured on a processor, 8 GB, 2 threads; python 3.11.7; commit abc."


def test_results_of_several_commits_are_told_apart():
    results = {
        "loop": {**FACTS, "figures": {"gru": {"ratio": 4.0}}},
        "start": {**FACTS, "commit": "def", "figures": {"seconds": 0.5}},
    }
    assert [line.partition(" measured")[0] for line in lines_of(results)[-2:]] == ["`loop`", "`start`"]


def test_the_table_is_written_between_its_marks_and_nothing_else_changes(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n")
    table.write_page({}, page)
    text = page.read_text()
    assert text.startswith(f"before\n{table.BEGIN}\n| what |")
    assert text.endswith(f"{table.END}\nafter\n")
    assert "old" not in text


def test_the_page_that_is_kept_shows_the_results_that_are_kept():
    results = json.loads(table.RESULTS.read_text("utf-8"))
    targets = {name: benchmark.find(name).targets for name in results}
    assert table.table(results, targets) in table.PAGE.read_text("utf-8")


@pytest.mark.parametrize(("error", "key"), [(SkippedError("no list"), "skipped"), (FailedError("it broke"), "failed")])
def test_a_record_keeps_the_reason_why_there_is_no_figure(monkeypatch, error, key):
    def measure():
        raise error

    monkeypatch.setattr(benchmark, "find", lambda name: benchmark.Benchmark(name, "About.", measure))
    found = benchmark.record("one")
    assert found[key] == str(error)
    assert "figures" not in found
    assert {"name", "machine", "threads", "versions", "commit"} <= found.keys()


def test_an_unknown_name_is_refused_in_one_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nonsense"], capture_output=True, text=True, timeout=60, check=False,
        cwd=table.ROOT,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no benchmark is called nonsense" in done.stderr

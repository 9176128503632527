"""`morelike compare`: kinds of model trained on one list under one budget, as a leader board."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import PLAIN_LISTS, FormName, HideTest, Json, ListFlags, ListName, SplitRule, option
from morelike.cli.shared.training_output import draw_progress
from morelike.cli.training.class_board import print_boards
from morelike.errors import SettingError
from morelike.runs.plan import split_rule
from morelike.text.reading import read_corpus
from morelike.training.experiment import ExperimentFinished
from morelike.workflows.leader_board import Budget, RankedModel, rank, select_kinds, train_kinds


def compare(
    words: ListName = "names",
    /,
    *,
    kinds: Annotated[str | None, option("kinds of model, separated by commas [default: all]")] = None,
    budget: Annotated[str, option("what each may spend: 20s or 2m of training steps, 2000steps, or 5epochs")] = "10s",
    form: FormName = None,
    split: SplitRule = None,
    lists: ListFlags = PLAIN_LISTS,
    seed: Annotated[int, option("of the weights and the batches")] = 0,
    out: Annotated[Path | None, option("keep each run in this folder; by default none is kept")] = None,
    runs: Annotated[Path | None, option("rank the runs in this folder and its sub-folders; nothing is trained")] = None,
    csv: Annotated[bool, option("with --runs: print comma-separated lines")] = False,
    picture: Annotated[
        Path | None, option("with --runs: draw the board as a slide (.html, .json, .png or .svg)")
    ] = None,
    hide_test: HideTest = False,
    as_json: Json = False,
) -> int:
    """Train kinds of model on one list under one budget, and print the leader board. Or rank runs that exist.

    Each kind has its own default settings. A budget of seconds covers the training steps. Compiling, evaluating and
    sampling come in addition: the column `in all` has the whole time. `behind` is the paired difference to the best on
    the same test words, with its 95 % interval: where it holds zero, the two are not told apart. `new` is the share of
    samples that are in no part of the list.

    `--runs FOLDER` ranks the runs that a class has handed in, by their loss on dev, then on test, as each run states
    them. A name is the first folder of a run's path. Runs of different lists or splits get a board each. Runs that
    failed, are broken or hide test are listed with a remark, and so is a model that was handed in twice.

    Examples:
      morelike compare names
      morelike compare my-list.txt --kinds gru,lstm,ngram --budget 30s
      morelike compare names --budget 5epochs --json > board.json
      morelike compare --runs class/ --picture board.svg
    """
    if runs:
        _refuse_training(words != "names", kinds=kinds, form=form, split=split, out=out, seed=seed, hide_test=hide_test)
        print_boards(runs, picture, csv=csv, as_json=as_json)
        return 0
    if csv or picture:
        raise SettingError(f"{'--csv' if csv else '--picture'} has no effect here: it is for `morelike compare --runs`")
    spent = Budget.of(budget)
    corpus = read_corpus(words, form or "lines", lists.reading)
    rule = split_rule(corpus, split)
    results, wall = [], []
    for kind in select_kinds(_named(kinds)):
        events = train_kinds(corpus, [kind], spent, split=rule, seed=seed, out=out, hide_test=hide_test)
        began = time.perf_counter()
        with draw_progress() as draw:
            for _, event in events:
                draw(event)
        assert isinstance(event, ExperimentFinished)
        results.append(event.result)
        part = "dev" if "dev" in event.result.losses else "train"
        loss = event.result.losses[part].nats_per_character
        wall.append(time.perf_counter() - began)
        print_note(
            f"{kind}: {loss:.4f} nats/char on {part}; {event.result.step_seconds:.1f} s of training steps, "
            f"{wall[-1]:.1f} s in all"
        )
    board = rank(results)
    in_all = {result.model.architecture.kind: seconds for result, seconds in zip(results, wall, strict=True)}
    if as_json:
        print_json(
            {
                "list": corpus.name,
                "split": rule,
                "budget": budget,
                "board": [_facts(each, in_all[each.kind]) for each in board],
            }
        )
        return 0
    parts: list[str] = [part for part in ("dev", "test") if part in board[0].result.losses] or ["train"]
    columns = ["kind", "parameters", "steps", "seconds"]
    columns += [f"{part}{each}" for part in parts for each in ("", " 95 %")]
    columns += ["behind", "behind 95 %", "new", "in all"]
    print_rows(columns, [_row(each, parts, in_all[each.kind]) for each in board])
    return 0


def _refuse_training(listed: object, /, **flags: Any) -> None:
    """Refuse a list or a flag of training beside --runs, which trains nothing."""
    given = ["a list"] if listed else []
    given += [f"--{'as' if name == 'form' else name.replace('_', '-')}" for name, value in flags.items() if value]
    if given:
        raise SettingError(f"{given[0]} has no effect with --runs, which ranks runs that exist: leave it out")


def _named(kinds: str | None) -> list[str]:
    if kinds is None:
        return []
    named = [kind.strip() for kind in kinds.split(",") if kind.strip()]
    if not named:
        raise SettingError(f"--kinds names none: choose among {', '.join(select_kinds([]))}")
    return named


def _facts(ranked: RankedModel, in_all: float) -> dict[str, Any]:
    result, behind = ranked.result, ranked.behind
    return {
        "kind": ranked.kind,
        "parameters": result.model.parameters,
        "steps": result.steps,
        "seconds": round(result.training_seconds, 3),
        "step_seconds": round(result.step_seconds, 3),
        "seconds_in_all": round(in_all, 3),
        **{part: loss.as_dict() for part, loss in result.losses.items()},
        "behind": {"difference": behind.difference, "interval": list(behind.interval)} if behind else None,
        "novelty": ranked.novelty,
    }


def _row(ranked: RankedModel, parts: list[str], in_all: float) -> list[str]:
    result, behind = ranked.result, ranked.behind
    row = [ranked.kind, f"{result.model.parameters:,}", f"{result.steps:,}", f"{result.step_seconds:.1f}"]
    for loss in (result.losses[part] for part in parts):
        row += [f"{loss.nats_per_character:.4f}", _interval(loss.interval, ".3f")]
    row += [f"{behind.difference:+.4f}", _interval(behind.interval, "+.4f")] if behind else ["best", ""]
    return [*row, f"{ranked.novelty:.1%}", f"{in_all:.1f}"]


def _interval(interval: tuple[float, float], figures: str) -> str:
    return f"{interval[0]:{figures}} to {interval[1]:{figures}}"

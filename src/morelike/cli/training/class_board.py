"""The leader board over the runs of a folder: `morelike compare --runs FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from morelike.cli.shared.formats import OutputColumn, encoder, header
from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.errors import RunError
from morelike.runs.board import Board, BoardRun, BoardsOfFolder, boards_of

COLUMNS = ("rank", "name", "kind", "dev", "dev 95 %", "test", "test 95 %", "behind", "steps", "seconds", "remark")


def print_boards(folder: Path, picture: Path | None, *, csv: bool, as_json: bool) -> None:
    """Print the boards of a folder as a table, CSV or JSON, and draw the first one.

    Raises:
        RunError: the folder holds no runs, or none with a loss and a picture is wanted.
        SettingError: a picture file with another ending.
    """
    if picture:
        from morelike.pictures.figure import require_ending

        require_ending(picture)
    found = boards_of(folder)
    if as_json:
        print_json({"folder": str(folder), **_as_dict(found)})
    elif csv:
        _print_csv(found)
    else:
        _print_text(found)
    if picture:
        _draw(found, picture)
        print_note(f"Picture: {picture}")


def _print_text(found: BoardsOfFolder) -> None:
    if len(found.boards) > 1:
        print_note(f"Note: the runs learned from {len(found.boards)} lists or splits, so there is a board for each.")
    rows: list[list[str]] = []
    for board in found.boards:
        rows += [["", f"[{board.title}]", *[""] * (len(COLUMNS) - 2)]] if len(found.boards) > 1 else []
        rows += [_cells(rank, run, board.runs[0]) for rank, run in enumerate(board.runs, 1)]
    rows += [["", run.name, run.kind, *[""] * (len(COLUMNS) - 4), run.remark] for run in found.broken]
    print_rows(COLUMNS, rows)


def _cells(rank: int, run: BoardRun, best: BoardRun) -> list[str]:
    losses = []
    for split in ("dev", "test"):
        loss = run.losses.get(split)
        losses += [f"{loss.nats:.4f}", f"{loss.interval[0]:.3f} to {loss.interval[1]:.3f}"] if loss else ["", ""]
    behind = _behind(run, best)
    shown = "best" if run is best else "" if behind is None else f"{behind:+.4f}"
    return [str(rank), run.name, run.kind, *losses, shown, f"{run.steps:,}", f"{run.seconds:.1f}", run.remark]


def _behind(run: BoardRun, best: BoardRun) -> float | None:
    """Return how much higher the loss on dev is than the best one's, None if one of them has none."""
    if "dev" not in run.losses or "dev" not in best.losses:
        return None
    return run.losses["dev"].nats - best.losses["dev"].nats


def _facts(run: BoardRun, board: Board | None, rank: int | None) -> dict[str, Any]:
    losses = {f"{split}{part}": value for split in ("dev", "test") for part, value in _loss_facts(run, split).items()}
    return {
        "rank": rank,
        "name": run.name,
        "path": str(run.path),
        "list": run.list_name,
        "split": run.split,
        "kind": run.kind,
        **losses,
        "behind": _behind(run, board.runs[0]) if board else None,
        "steps": run.steps,
        "seconds": run.seconds,
        "remark": run.remark,
    }


def _loss_facts(run: BoardRun, split: str) -> dict[str, float | None]:
    loss = run.losses.get(split)
    low, high = loss.interval if loss else (None, None)
    return {"": loss.nats if loss else None, "_low": low, "_high": high}


def _all_facts(found: BoardsOfFolder) -> Iterator[dict[str, Any]]:
    for board in found.boards:
        yield from (_facts(run, board, rank) for rank, run in enumerate(board.runs, 1))
    yield from (_facts(run, None, None) for run in found.broken)


def _as_dict(found: BoardsOfFolder) -> dict[str, Any]:
    boards = [
        {
            "list": board.list_name,
            "split": board.split,
            "lines": board.lines,
            "runs": [_facts(run, board, rank) for rank, run in enumerate(board.runs, 1)],
        }
        for board in found.boards
    ]
    return {"boards": boards, "without_losses": [_facts(run, None, None) for run in found.broken]}


def _print_csv(found: BoardsOfFolder) -> None:
    rows = list(_all_facts(found))
    names = list(rows[0])
    to_line = encoder("csv", [OutputColumn(name) for name in names])
    sys.stdout.write(header("csv", names))
    for row in rows:
        sys.stdout.write(to_line({name: "" if value is None else value for name, value in row.items()}))


def _draw(found: BoardsOfFolder, path: Path) -> None:
    """Draw the board with the most runs, as a slide."""
    from morelike.pictures.figure import save
    from morelike.pictures.leader_board import StatedModel, leader_board_figure

    if not found.boards:
        raise RunError("none of these runs has a loss: there is nothing to draw")
    board = found.boards[0]
    split = "dev" if all("dev" in run.losses for run in board.runs) else "test"
    models = [
        StatedModel(f"{rank}. {run.name}", run.losses[split].nats, run.losses[split].interval)
        for rank, run in enumerate(board.runs, 1)
        if split in run.losses
    ]
    figure = leader_board_figure(models, split)
    figure.update_layout(title_text=f"{figure.layout.title.text}: {board.list_name}")
    save(figure, path, slide=True)

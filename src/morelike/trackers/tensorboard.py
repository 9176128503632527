"""TensorBoard, by tensorboardX: event files that `tensorboard --logdir FOLDER` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from morelike.trackers.tracker import Tracked, Tracker


class TensorBoard(Tracker):
    """Event files in the folder `tensorboard` of the run."""

    def __init__(self, run: Tracked) -> None:
        from tensorboardX import SummaryWriter

        self._writer = SummaryWriter(logdir=str(run.folder / "tensorboard"))
        settings = "\n".join(f"    {name} = {value}" for name, value in run.settings.items())
        self._writer.add_text("settings", settings or "none", 0)

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def log_words(self, step: int, words: Sequence[str]) -> None:
        self._writer.add_text(
            "words", "\n".join(f"    {word}" for word in words), step
        )  # Markdown's code: text as it is

    def close(self, summary: Mapping[str, float]) -> None:
        for name, value in summary.items():
            self._writer.add_scalar(name, value, 0)
        self._writer.close()

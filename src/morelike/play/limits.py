"""How much the page may ask for, each limit with its sentence."""

from __future__ import annotations

from dataclasses import dataclass

from morelike.errors import SettingError
from morelike.language_model.threads import cores

FEWEST_AT_ONCE = 2
"""Runs of a race that train at once on a machine of one core: one alone would be no race."""

LONGEST_LINE = 5_000
"""Characters of a word."""


@dataclass(frozen=True)
class PlayLimits:
    """The limits of one server.

    A request has at most `body` bytes, and a list `lines` lines. At most `training` runs train at once, and the server
    starts `runs` at most. A run trains for `seconds` at most. A run that no page has watched for `unwatched` seconds
    is saved and stopped. One request makes `made` words at most, and scores `scored`.
    """

    body: int = 4 << 20
    lines: int = 200_000
    longest: int = LONGEST_LINE
    training: int = 4
    runs: int = 100
    seconds: float = 3600.0
    unwatched: float = 30.0
    made: int = 1_000
    scored: int = 10_000

    @property
    def at_once(self) -> int:
        """The runs of a race that train at once: one a core, at least two, and no more than may train."""
        return min(max(cores(), FEWEST_AT_ONCE), self.training)

    def check_list(self, lines: int, longest: int) -> None:
        """Refuse a list that is too large for the page.

        Raises:
            SettingError: it has too many lines, or a line that is too long.
        """
        if lines > self.lines:
            raise SettingError(
                f"the list has {lines:,} lines, and the page takes {self.lines:,} at most: use `morelike train` for it"
            )
        if longest > self.longest:
            raise SettingError(
                f"a line has {longest:,} characters, and the page takes {self.longest:,} at most: give one word a line"
            )

    def check_new_run(self, started: int, training: int) -> None:
        """Refuse a run that would be one too many.

        Raises:
            SettingError: as many runs as may train are training, or as many as may start have started.
        """
        if training >= self.training:
            raise SettingError(f"{training} runs are training already: stop one before you start another")
        self.check_started(started)

    def check_started(self, started: int, new: int = 1) -> None:
        """Refuse new runs if the page would have started too many.

        Raises:
            SettingError: it would.
        """
        if started + new > self.runs:
            raise SettingError(f"{started} runs were started on this page: end `morelike play` and start it again")

    def check_made(self, words: int) -> None:
        """Refuse to make so many words.

        Raises:
            SettingError: there are too many.
        """
        if words > self.made:
            raise SettingError(
                f"{words:,} words at once, and the page makes {self.made:,} at most: use `morelike sample` for more"
            )

    def check_scored(self, words: int) -> None:
        """Refuse to score, or to check, so many words.

        Raises:
            SettingError: there are too many.
        """
        if words > self.scored:
            raise SettingError(
                f"{words:,} words at once, and the page scores {self.scored:,} at most: use `morelike score` for more"
            )

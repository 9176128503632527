"""Where the trials of a study are kept, and how a process is known to be at work on one.

A journal file serves any number of processes on one machine. A trial's process holds the lock of the trial, which the
system frees when the process ends, however it ends. A PostgreSQL database serves any number of machines. There a
process writes a heartbeat for its trial.
"""

from __future__ import annotations

import os
import threading
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from morelike.errors import MorelikeError, RunError, SettingError, excerpt

if TYPE_CHECKING:
    from filelock import FileLock
    from optuna import Study, Trial
    from optuna.storages import BaseStorage, RetryHeartbeatStaleTrialCallback

POSTGRESQL = ("postgresql://", "postgres://")
DRIVER = "postgresql+psycopg://"
CONNECT_SECONDS = 10
HEARTBEAT_SECONDS = 10
MISSED_HEARTBEATS = 3
"""A process that has written no heartbeat for so many intervals has ended."""
RETRIES = 2
"""How often the trial of a killed process is begun again: settings that need too much memory kill each process."""
LOCK_KEY, FINAL_KEY = 0x6D6F7265, 0x6D6F7266
"""The numbers of a database's locks: of a process that takes a trial, and of the one that makes the last run."""


TRIALS_WITHOUT_HEARTBEAT = """
SELECT trial_id FROM trials JOIN studies USING (study_id) LEFT JOIN trial_heartbeats USING (trial_id)
WHERE state = 'RUNNING' AND study_name = :study AND trial_heartbeat_id IS NULL
"""


class StudyStorage(ABC):
    """The trials of studies, shared by processes."""

    optuna: BaseStorage

    @abstractmethod
    def exclusive(self) -> AbstractContextManager[None]:
        """Return a context that one process at a time can be in."""

    @abstractmethod
    def try_exclusive(self) -> AbstractContextManager[bool]:
        """Return a context that yields whether no other process is in it, which then stays outside."""

    @abstractmethod
    def begin(self, trial: Trial) -> None:
        """Show that this process is at work on a trial. It is called within `exclusive`."""

    @abstractmethod
    def end(self) -> None:
        """Show that this process is no longer at work on its trial, whose state is written."""

    @abstractmethod
    def put_back_dead(self, study: Study) -> None:
        """Put back the trials of processes that have ended, so that they are begun again."""

    @abstractmethod
    def close(self) -> None:
        """Close the files or connections."""


@final
class JournalFile(StudyStorage):
    """A journal file of Optuna, with the locks of its trials next to it.

    Raises:
        RunError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock: Any = _JournalLock(path)
            self.optuna = JournalStorage(JournalFileBackend(str(path), lock_obj=lock))
        except OSError as error:
            raise RunError(f"the study '{path}' cannot be written: {error.strerror}; choose another --out") from None
        except (ValueError, KeyError):
            raise RunError(
                f"the study '{path}' is damaged: it is no journal of Optuna; choose another --study"
            ) from None
        self._held: FileLock | None = None

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        from filelock import FileLock

        with FileLock(f"{self._path}.study.lock"):
            yield

    @contextmanager
    def try_exclusive(self) -> Iterator[bool]:
        from filelock import FileLock, Timeout

        lock = FileLock(f"{self._path}.final.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def begin(self, trial: Trial) -> None:
        self._held = self._lock_of(trial.number)
        self._held.acquire()

    def end(self) -> None:
        if self._held:
            self._held.release()
            Path(self._held.lock_file).unlink(missing_ok=True)
            self._held = None

    def put_back_dead(self, study: Study) -> None:
        from filelock import Timeout
        from optuna.trial import TrialState

        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            lock = self._lock_of(trial.number)
            try:
                with lock.acquire(timeout=0):
                    pass
            except Timeout:
                continue
            Path(lock.lock_file).unlink(missing_ok=True)
            study.tell(trial.number, state=TrialState.FAIL)
            with quiet_optuna():
                _put_back()(study, trial)

    def close(self) -> None:
        self.end()

    def _lock_of(self, number: int) -> FileLock:
        from filelock import FileLock

        return FileLock(f"{self._path}.trial-{number}.lock", thread_local=False)


class _JournalLock:
    """The lock of a journal while a line is written: a lock of the system, which a killed process does not keep.

    A process that is killed while it writes leaves half a line, which would make all later lines unreadable. The next
    process cuts it off.
    """

    def __init__(self, path: Path) -> None:
        from filelock import FileLock

        self._path, self._lock = path, FileLock(f"{path}.lock", thread_local=False)

    def acquire(self) -> bool:
        self._lock.acquire()
        with self._path.open("rb+") as file:
            if file.seek(0, os.SEEK_END) and not _ends_a_line(file):
                content = self._path.read_bytes()
                file.truncate(content.rfind(b"\n") + 1)
        return True

    def release(self) -> None:
        self._lock.release()


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


@final
class Database(StudyStorage):
    """A PostgreSQL database, with a heartbeat for the trial that this process is at work on.

    Raises:
        SettingError: the address is not one of a PostgreSQL database.
        RunError: the database does not answer.
    """

    def __init__(self, url: str) -> None:
        from optuna.storages import RDBStorage
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError

        self.name = without_password(url)
        try:
            with quiet_optuna():
                self.optuna = self._rdb = RDBStorage(
                    DRIVER + url.partition("://")[2],
                    engine_kwargs={"connect_args": {"connect_timeout": CONNECT_SECONDS}, "pool_pre_ping": True},
                    heartbeat_interval=HEARTBEAT_SECONDS,
                    grace_period=MISSED_HEARTBEATS * HEARTBEAT_SECONDS,
                    heartbeat_stale_trial_callback=_put_back(),
                )
        except ImportError:
            raise MorelikeError("a PostgreSQL storage needs psycopg: pip install 'morelike[tune]'") from None
        except (ArgumentError, ValueError):
            raise SettingError(f"the storage {excerpt(url)} is no address: postgresql://USER@HOST/DATABASE") from None
        except SQLAlchemyError as error:
            raise unreachable(self.name, error) from None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        from sqlalchemy import text

        with self._rdb.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})

    @contextmanager
    def try_exclusive(self) -> Iterator[bool]:
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        with self._rdb.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            held = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": FINAL_KEY}).scalar())
            try:
                yield held
            finally:
                if held:
                    with suppress(SQLAlchemyError):  # a lost connection has freed the lock
                        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": FINAL_KEY})

    def begin(self, trial: Trial) -> None:
        self._rdb.record_heartbeat(trial._trial_id)
        self._ended.clear()
        self._thread = threading.Thread(target=self._beat, args=(trial._trial_id,), daemon=True)
        self._thread.start()

    def _beat(self, trial_id: int) -> None:
        from optuna.exceptions import StorageInternalError
        from sqlalchemy.exc import SQLAlchemyError

        while not self._ended.wait(HEARTBEAT_SECONDS):
            try:
                self._rdb.record_heartbeat(trial_id)
            except (SQLAlchemyError, StorageInternalError):  # the next beat may pass; the trial itself reports a loss
                continue

    def end(self) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def put_back_dead(self, study: Study) -> None:
        from optuna.storages import fail_stale_trials
        from sqlalchemy import text

        with self._rdb.engine.connect() as connection:  # killed before its first heartbeat: the next one is missed too
            silent = connection.execute(text(TRIALS_WITHOUT_HEARTBEAT), {"study": study.study_name}).scalars().all()
        for trial_id in silent:
            self._rdb.record_heartbeat(trial_id)
        with quiet_optuna():
            fail_stale_trials(study)

    def close(self) -> None:
        self.end()
        with suppress(Exception):  # a lost connection is closed already
            self._rdb.remove_session()
            self._rdb.engine.dispose()


def open_storage(address: str | None, folder: Path) -> StudyStorage:
    """Return the storage at an address: a PostgreSQL database, or a file; by default a file in the study's folder.

    Raises:
        SettingError: an address of another sort.
        RunError: it cannot be written, or does not answer.
    """
    if address is None:
        return JournalFile(folder / "journal.log")
    if address.startswith(POSTGRESQL):
        return Database(address)
    if "://" in address or not address.strip():
        raise SettingError(
            f"the storage {excerpt(address)}: give postgresql://USER@HOST/DATABASE, or a file on this machine"
        )
    return JournalFile(Path(address))


def without_password(url: str) -> str:
    """Return the address of a database as it may be shown.

    >>> without_password("postgresql://anna:secret@host:5432/db")
    'postgresql://anna@host:5432/db'
    """
    scheme, _, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{host.partition('?')[0]}"


def unreachable(name: str, error: Exception) -> RunError:
    """Return the error of a storage that does not answer, with the first line of the reason."""
    reason = str(getattr(error, "orig", None) or error.__cause__ or error).strip()
    first = reason.splitlines()[0].rstrip(". ") if reason else type(error).__name__
    return RunError(
        f"the storage '{name}' does not answer: {first[:200]}; trials that ended are kept: check the address, then "
        "give the same command again"
    )


def _put_back() -> RetryHeartbeatStaleTrialCallback:
    """Return the function that puts a trial back whose process has ended."""
    from optuna.storages import RetryHeartbeatStaleTrialCallback

    with quiet_optuna():
        return RetryHeartbeatStaleTrialCallback(max_retry=RETRIES)


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Silence the warnings of Optuna.

    They say that a part is experimental (the version is pinned, and tests try the part), that heartbeats are meant for
    `Study.optimize` (here a thread of ours writes them), and that few trials tell little of a setting.
    """
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield

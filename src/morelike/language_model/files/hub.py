"""Models on the Hugging Face Hub: `hub:owner/name`, or `hub:owner/name@REVISION` for a tag, a branch or a commit.

Only the files of a model are downloaded: safetensors and JSON. Their sizes are checked before and while they are
downloaded, and their SHA-256 afterwards. Each commit has its own folder in the user's cache, which is whole or absent.
A commit never changes, so a model whose commit is named and kept is loaded without a network.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from morelike.errors import ModelError, excerpt
from morelike.language_model.files.model_files import CONFIG, KNOWN, VOCABULARY, WEIGHTS
from morelike.storage.atomic_files import MANIFEST, atomic_folder, sweep_temporaries
from morelike.storage.manifest import LARGEST_FILE, Manifest
from morelike.storage.untrusted import LARGEST_JSON

if TYPE_CHECKING:
    from huggingface_hub.hf_api import HfApi, ModelInfo

PREFIX = "hub:"
FILES = (CONFIG, VOCABULARY, WEIGHTS, KNOWN)
TIMEOUT = 20.0
"""Seconds that the hub may be silent before it says which files a model has."""
COMMIT = re.compile(r"[0-9a-f]{40}")
PLACE = re.compile(r"hub:(?P<repository>[\w-][\w.-]*/[\w-][\w.-]*)(?:@(?P<revision>[^\s@]+))?", re.ASCII)
MOST_NAMED = 3
LONGEST_REASON = 120


@dataclass(frozen=True)
class HubModel:
    """The repository of a model on the hub, and the revision that is asked for."""

    repository: str
    revision: str | None = None

    @classmethod
    def of(cls, name: str) -> HubModel:
        """Return the model of a name such as `hub:owner/name@REVISION`.

        Raises:
            ModelError: another form of name.

        >>> HubModel.of("hub:anna/names@v1")
        HubModel(repository='anna/names', revision='v1')
        """
        if not (found := PLACE.fullmatch(name)):
            raise ModelError(
                f"{excerpt(name)} is no name of a model on the hub: give hub:OWNER/NAME, or hub:OWNER/NAME@REVISION"
            )
        return cls(found["repository"], found["revision"])

    def __str__(self) -> str:
        return f"hub:{self.repository}" + (f"@{self.revision}" if self.revision else "")

    @property
    def cache(self) -> Path:
        """The folder in the user's cache that holds a folder for each commit of the model."""
        import platformdirs  # imported here: commands that use no cache start faster

        return Path(platformdirs.user_cache_dir("morelike")) / "hub" / self.repository.replace("/", "--")

    def kept_commits(self) -> list[str]:
        """Return the commits of the model that are on this machine, the latest download first."""
        found = (path for path in self.cache.glob("*") if COMMIT.fullmatch(path.name) and (path / MANIFEST).is_file())
        return [path.name for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]


def fetch_model(name: str) -> Path:
    """Return the folder of a model on the hub, which is downloaded unless this commit of it is on this machine.

    Raises:
        ModelError: no such model or revision, no model of this package, a file of another size or content than the
            model states, the hub cannot be reached, or the package huggingface_hub is missing.
    """
    model = HubModel.of(name)
    if model.revision in model.kept_commits():
        return model.cache / str(model.revision)
    if find_spec("huggingface_hub") is None:
        raise ModelError(f"'{model}' needs huggingface_hub: install it with `pip install 'morelike[hub]'`")
    with _plain_errors(model):
        from huggingface_hub import HfApi

        api = HfApi(library_name="morelike")
        found = _model_info(api, model)
        commit = str(found.sha)
        folder = model.cache / commit
        if commit not in model.kept_commits():
            model.cache.mkdir(parents=True, exist_ok=True)
            sweep_temporaries(model.cache)
            with atomic_folder(folder) as temporary:
                _download(api, model, found, temporary)
    return folder


def _model_info(api: HfApi, model: HubModel) -> ModelInfo:
    """Return what the hub says about a model: its commit, and the size of each file.

    Raises:
        ModelError: the answer is not that of a hub.
        Exception: any error of huggingface_hub.
    """
    from huggingface_hub.errors import HFValidationError

    try:
        found = api.model_info(model.repository, revision=model.revision, files_metadata=True, timeout=TIMEOUT)
    except HFValidationError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"'{model}' cannot be read: this is no answer of a hub ({_reason(error)}); is HF_ENDPOINT right?"
        ) from None
    if not COMMIT.fullmatch(str(found.sha)):
        raise ModelError(f"'{model}': the hub names the commit {excerpt(str(found.sha))}, which is none")
    return found


def _download(api: HfApi, model: HubModel, found: ModelInfo, folder: Path) -> None:
    """Download the files of a model into a folder, and check them.

    Raises:
        ModelError: a file is missing, or is not what the model states.
        Exception: any error of huggingface_hub.
    """
    sizes = {each.rfilename: each.size or 0 for each in found.siblings or ()}
    for name in (MANIFEST, *FILES):
        if name not in sizes:
            library = f"; it is a model of {excerpt(found.library_name)}" if found.library_name else ""
            raise ModelError(f"'{model}' is not a morelike model: it has no {name}{library}")
        largest = LARGEST_FILE if name.endswith(".safetensors") else LARGEST_JSON
        if sizes[name] > largest:
            raise ModelError(f"'{model}': {name} has {sizes[name]:,} bytes, at most {largest:,} are expected")
    _download_file(api, model, str(found.sha), MANIFEST, sizes[MANIFEST], folder)
    try:
        manifest = Manifest.read(folder)
        _check_sizes(model, manifest, sizes)
        for name in FILES:
            _download_file(api, model, str(found.sha), name, sizes[name], folder)
            manifest.read_file(name)
    except ModelError as error:
        raise ModelError(str(error).replace(f"{folder}/", f"{model}: ").replace(str(folder), str(model))) from None
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # notes of huggingface_hub about the downloads


def _check_sizes(model: HubModel, manifest: Manifest, sizes: Mapping[str, int]) -> None:
    """Check that the files on the hub have the sizes that were saved.

    Raises:
        ModelError: a file has another size, or the manifest does not list it.
    """
    for name in FILES:
        if name not in manifest.files:
            raise ModelError(f"'{model}' is damaged: its {MANIFEST} does not list {name}")
        saved = manifest.files[name][0]
        if sizes[name] != saved:
            raise ModelError(f"'{model}' is damaged: {name} has {sizes[name]:,} bytes, {saved:,} were saved")


def _download_file(api: HfApi, model: HubModel, commit: str, name: str, size: int, folder: Path) -> None:
    limit: Any = partial(SizeLimit, f"'{model}': {name}", size)  # takes the place of a progress bar
    api.hf_hub_download(
        model.repository,
        name,
        revision=commit,
        local_dir=folder,
        etag_timeout=TIMEOUT,
        tqdm_class=limit,
    )


class SizeLimit:
    """A progress bar of huggingface_hub that shows nothing, and ends a download of too many bytes."""

    def __init__(self, name: str, size: int, *_: Any, initial: int = 0, **__: Any) -> None:
        self._name, self._size, self._left = name, size, size - initial

    def update(self, bytes_read: int) -> None:
        """Count bytes that were read.

        Raises:
            ModelError: they are more than the file has.
        """
        self._left -= bytes_read
        if self._left < 0:
            raise ModelError(f"{self._name} has {self._size:,} bytes, and the hub sends more")

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> SizeLimit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def _plain_errors(model: HubModel) -> Iterator[None]:
    """Raise the errors of the hub, of the network and of the disk as one sentence each.

    Raises:
        ModelError: any of them.
    """
    from huggingface_hub import errors
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # of the library that it speaks HTTP with

    way_out = "connect to the internet and try again, or give the path of a model folder"
    if kept := model.kept_commits():
        names = " or ".join(f"hub:{model.repository}@{commit}" for commit in kept[:MOST_NAMED])
        way_out = f"connect to the internet and try again, or give what this machine has kept: {names}"
    try:
        yield
    except errors.GatedRepoError:
        said = f"'{model}' is for users whom its owner admits: ask on its page, then log in with `hf auth login`"
    except errors.RepositoryNotFoundError:
        said = f"no model '{model}': the hub has none, or it is private: check the name, or log in with `hf auth login`"
    except errors.RevisionNotFoundError:
        said = f"'hub:{model.repository}' has no revision {excerpt(model.revision)}: name a branch, a tag or a commit"
    except errors.HfHubHTTPError as error:
        said = f"'{model}' cannot be read: the hub answers {error.response.status_code}; {way_out}"
    except errors.OfflineModeIsEnabled:
        way_out = way_out.replace("connect to the internet", "unset HF_HUB_OFFLINE")
        said = f"'{model}' cannot be downloaded, since HF_HUB_OFFLINE is set: {way_out}"
    except (HTTPError, errors.LocalEntryNotFoundError) as error:
        said = f"'{model}' cannot be read: the hub cannot be reached ({_reason(error)}); {way_out}"
    except errors.HFValidationError as error:
        said = f"'{model}' is no name of a model on the hub: {_reason(error)}"
    except OSError as error:
        said = f"'{model}' cannot be kept in '{model.cache}': {error.strerror or _reason(error)}"
    else:
        return
    raise ModelError(said)


def _reason(error: Exception) -> str:
    """Return the reason of an error in one short line."""
    cause = error.__cause__ or error
    return " ".join(str(cause).split())[:LONGEST_REASON] or type(cause).__name__

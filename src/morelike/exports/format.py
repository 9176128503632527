"""What a format is, and how formats are found: each is a file in `exports/formats/`.

A new format is one new file, with one class of `Format`: the name of the file becomes a value of `--to`, its settings
become flags of `morelike export`.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from morelike.errors import ExportError, SettingError, did_you_mean, excerpt
from morelike.installation import missing_package
from morelike.language_model.model import LanguageModel
from morelike.sampling.settings import FrozenSettings

PACKAGE = "morelike.exports.formats"
MARKED = 4000


class Format(ABC):
    """A form in which a model leaves this package."""

    summary: ClassVar[str]
    """What the format is, for the help: a few words."""
    path: ClassVar[str]
    """The file or folder that is written if no path is given."""
    mark: ClassVar[bytes] = b""
    """What the first `MARKED` bytes of each file of the format hold, in lower case and with single spaces; of a folder,
    those of its README.md. A file or folder without it was written by something else, and is not replaced."""
    packages: ClassVar[Sequence[str]] = ()
    """Packages that the format needs; the extra of morelike with the name of the format brings them."""
    settings: ClassVar[type[FrozenSettings]] = FrozenSettings
    """The settings of the format: the fields become flags of the command and parameters of `morelike.export`."""

    @abstractmethod
    def write(self, model: LanguageModel, path: Path, settings: Any) -> Sequence[str]:
        """Write a model to a path, and return sentences about it for the user. `settings` are of the class `settings`.

        Raises:
            ExportError: the format cannot hold the model. The message names the reason and the remedy. Nothing is
                written.
            OSError: the file or the folder cannot be written.
        """


def formats() -> list[str]:
    """Return the names of all formats, sorted: the files in `formats/`."""
    package = importlib.import_module(PACKAGE)
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def find_format(name: str) -> Format:
    """Return the format of this name.

    Raises:
        SettingError: there is none.
    """
    if name not in formats():
        raise SettingError(
            f"no format is called {excerpt(name)}; there are {', '.join(formats())}{did_you_mean(name, formats())}"
        )
    module = importlib.import_module(f"{PACKAGE}.{name}")
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Format)]
    (found,) = (each for each in classes if each.__module__ == module.__name__)
    return found()


def export(
    model: LanguageModel,
    to: str,
    path: str | Path | None = None,
    *,
    on_note: Callable[[str], None] | None = None,
    **settings: Any,
) -> Path:
    """Write a model in another form, and return the path of the file or folder. `docs/exports.md` lists the formats.

    Args:
        model: the model; a model with labels may first be conditioned on one, by `model.conditioned_on(label)`.
        to: the format, such as "html".
        path: the file or folder to write. What the same format has written there is replaced, and nothing else.
            Default: the format's own name in this folder.
        on_note: called with each sentence about the export, such as the change of the loss.
        settings: settings of the format.

    Raises:
        SettingError: no such format, no such setting, or an invalid value.
        ExportError: the format cannot hold the model, packages are missing, or nothing can be written there.
    """
    found = find_format(to)
    chosen = found.settings.of(**settings)
    if missing := [package for package in found.packages if find_spec(package) is None]:
        raise ExportError(f"`{to}` needs {' and '.join(missing)}: install it with `pip install 'morelike[{to}]'`")
    target = Path(found.path if path is None else path)
    try:
        _refuse_another_file(found, to, target)
        replaced = target.is_file()
        notes = [*found.write(model, target, chosen), *([f"Replaced: {target}"] if replaced else [])]
    except ModuleNotFoundError as error:  # of morelike-core, which has fewer packages
        raise missing_package(error) from None
    except OSError as error:
        raise ExportError(f"'{target}' cannot be written: {error.strerror or error}") from None
    if on_note:
        for note in notes:
            on_note(note)
    return target


def _refuse_another_file(found: Format, to: str, target: Path) -> None:
    """Refuse to replace a file or folder that this format has not written; an empty one may be replaced.

    Raises:
        ExportError: such a file or folder.
        OSError: it cannot be read.
    """
    marked = target if Path(found.path).suffix else target / "README.md"
    if not marked.is_file():
        return
    with marked.open("rb") as file:
        first = b" ".join(file.read(MARKED).lower().split())
    if first and found.mark not in first:
        raise ExportError(f"'{target}' is there already, and `--to {to}` has not written it: choose another name")

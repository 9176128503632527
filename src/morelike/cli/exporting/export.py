"""`morelike export`: a trained model as a page in one file, or in the form of another program."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

from cyclopts import Group, Parameter

from morelike import api
from morelike.cli.shared.output import print_json, print_note, print_words
from morelike.cli.shared.parameters import RUNS, Json, ModelName, option
from morelike.cli.shared.setting_flags import flags
from morelike.errors import SettingError
from morelike.exports.format import export as write_export
from morelike.exports.format import find_format, formats

FORMATS = {name: find_format(name) for name in formats()}
SUMMARIES = "; ".join(f"{name}: {found.summary}" for name, found in FORMATS.items())


def export(
    model: ModelName = "latest",
    /,
    *,
    to: Annotated[str | None, option(f"the format, which is required. {SUMMARIES}")] = None,
    path: Annotated[
        Path | None, option("the file or folder to write [default: by the format]", "--out", "-o", "--output")
    ] = None,
    label: Annotated[str | None, option("the label of the words, for a model with labels")] = None,
    as_json: Json = False,
    runs: Annotated[Path, option("the folder that holds the runs")] = RUNS,
    **settings: Any,
) -> None:
    """Write a trained model in another form: a page in one file, or files for other programs.

    The path that was written is printed on stdout. Sentences about the export, such as the change of the loss, are
    printed on stderr. docs/exports.md lists what each format can hold.

    Examples:
      morelike export latest --to html
      morelike export runs/MY-RUN --to html -o names.html
      morelike export latest --to html --label girl
      morelike export latest --to onnx
      morelike export latest --to torch -o names.py
      morelike export latest --to hub -o names-model --license mit
    """
    if to is None:
        raise SettingError(f"name a format: --to {', --to '.join(FORMATS)}; `morelike export --help` describes them")
    loaded = api.load(model, out=runs).conditioned_on(label)
    notes: list[str] = []
    given = {name: value for name, value in settings.items() if value is not None}
    _refuse_others(to, given)
    written = write_export(loaded, to, path, on_note=notes.append, **given)
    if as_json:
        print_json({"path": str(written), "format": to, "notes": notes})
    else:
        print_note(*notes)
        print_words([str(written)])


def _refuse_others(to: str, given: Mapping[str, Any]) -> None:
    """Refuse a setting of another format.

    Raises:
        SettingError: such a setting.
    """
    for name in given.keys() - set(find_format(to).settings.model_fields):
        others = [other for other, each in FORMATS.items() if name in each.settings.model_fields]
        raise SettingError(f"`{to}` has no setting --{name.replace('_', '-')}; it is a setting of {', '.join(others)}")


def _with_flags_of_formats() -> inspect.Signature:
    """Return the signature of the command, with the settings of all formats as flags."""
    declared = inspect.signature(export, eval_str=True)
    named = [each for each in declared.parameters.values() if each.kind is not each.VAR_KEYWORD]
    found: dict[str, inspect.Parameter] = {}
    for name, each in FORMATS.items():
        for parameter in flags(each.settings.of(), Group(f"Settings of --to {name}", sort_key=1)):
            if parameter.name not in found:
                found[parameter.name] = _shared(parameter)
    return declared.replace(parameters=[*named, *found.values()])


def _shared(parameter: inspect.Parameter) -> inspect.Parameter:
    """Return the flag of a setting; if several formats have the setting, with the help of each."""
    helps = {
        name: each.settings.model_fields[parameter.name].description
        for name, each in FORMATS.items()
        if parameter.name in each.settings.model_fields
    }
    if len(helps) == 1:
        return parameter
    together = Parameter(
        help="; ".join(f"{name}: {text}" for name, text in helps.items()),
        group=Group(f"Settings of --to {' and '.join(helps)}", sort_key=2),
    )
    annotation, (declared,) = get_args(parameter.annotation)[0], parameter.annotation.__metadata__
    return parameter.replace(annotation=Annotated[annotation, Parameter.combine(declared, together)])


export.__signature__ = _with_flags_of_formats()  # type: ignore[attr-defined]
export.__annotations__ = {name: each.annotation for name, each in export.__signature__.parameters.items()}  # type: ignore[attr-defined]

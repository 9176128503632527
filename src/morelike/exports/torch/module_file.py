"""The code of a PyTorch module, from the templates of this package: a file that a learner can read."""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache
from importlib.metadata import version
from textwrap import fill
from typing import TYPE_CHECKING

from morelike.errors import ExportError
from morelike.exports.torch.weights import NAMES
from morelike.language_model.encoding import context_tokens
from morelike.language_model.model import LanguageModel

if TYPE_CHECKING:
    from jinja2 import Environment

LITERAL_WIDTH = 100


def torch_module(model: LanguageModel) -> str:
    """Return the code of a Python file with the module of a model, which reads its weights from the file beside it.

    Raises:
        ExportError: the kind has no such module.
    """
    architecture = model.architecture
    if architecture.kind not in NAMES:
        raise ExportError(
            f"a model of kind {architecture.kind} is no PyTorch module, as {', '.join(NAMES)} are: choose another "
            "format"
        )
    text = model.form == "text"
    title, _, equations = (inspect.getdoc(sys.modules[type(architecture).__module__]) or "").partition("\n\n")
    template = _environment().get_template(f"{architecture.kind}.py.jinja")
    return template.render(
        architecture.model_dump(),
        title=title,
        equations=equations,
        about=_about(model),
        name=type(architecture).__name__,
        levels=getattr(architecture, "levels", None),
        limited="context" in type(architecture).model_fields,
        characters="".join(model.vocabulary.characters),
        labels=model.labels,
        text=text,
        lines="texts" if text else "words",
        begin=model.vocabulary.decode(context_tokens(model.vocabulary, "text", "")) if text else "",
    )


def _about(model: LanguageModel) -> str:
    """Return where the file comes from and what it needs, wrapped."""
    name = re.sub(r"[^\w .-]", "?", str(model.facts.get("list") or ""))[:40]  # a quote or \ would end the docstring
    learned = f", from a model that learned from the list {name}" if name else ""
    shown = "a text" if model.form == "text" else "20 words"
    return fill(
        f"morelike {version('morelike')} wrote this file{learned}. It needs torch and safetensors. The file beside it "
        f"that ends in .safetensors holds the weights. Run it to see {shown}, or import it:",
        width=116,
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # its import is slow, seldom needed

    environment = Environment(  # of Python, not of HTML: `literal` quotes what comes from outside
        loader=PackageLoader("morelike.exports.torch"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = literal
    return environment


def literal(text: str) -> str:
    """Return a string as a literal of Python in double quotes, a long one as several lines in parentheses.

    >>> print(literal('it"s'))
    "it\\"s"
    """
    if len(text) <= LITERAL_WIDTH:
        return _quoted(text)
    parts = (text[first : first + LITERAL_WIDTH] for first in range(0, len(text), LITERAL_WIDTH))
    return "(\n" + "".join(f"    {_quoted(part)}\n" for part in parts) + ")"


def _quoted(text: str) -> str:
    inside = repr(text + '"')[1:-2]  # quoted with ' because it holds a "
    return '"' + inside.replace("\\'", "'").replace('"', '\\"') + '"'

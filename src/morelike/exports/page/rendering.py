"""The page: one file of HTML that opens without a network and fetches nothing."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from morelike.exports.page.texts import texts
from morelike.pictures.web_page import content_security_policy
from morelike.text.printable import printable

SCRIPTS = ("interpreter.js", "ngrams.js", "model.js")
"""The scripts that run a model; they need no page."""
ENVIRONMENT = Environment(
    loader=PackageLoader("morelike.exports.page", "files"), autoescape=True, undefined=StrictUndefined
)


@cache
def asset(name: str) -> str:
    """Return a file of the page as it is."""
    return (resources.files("morelike.exports.page") / "files" / name).read_text("utf-8")


def render(title: str, model: str) -> str:
    """Return the page of a model that `pack_model` has packed."""
    script = "\n".join(without_comments(asset(name)) for name in (*SCRIPTS, "page.js"))
    return ENVIRONMENT.get_template("page.html.jinja").render(
        title=printable(title),
        style=Markup(asset("page.css")),
        script=Markup(script),
        policy=content_security_policy([script]),
        model=Markup(model),
        texts=texts(),
    )


def without_comments(script: str) -> str:
    """Return a script without its comments and the white space at the begin of lines: a fifth of it.

    >>> without_comments("// A comment.\\n  a = b; // another\\n/** One more.\\n * @x */\\nc();\\n")
    'a = b;\\nc();\\n'
    """
    script = re.sub(r"^\s*/\*\*[\s\S]*?\*/\n|(^|\s+)// .*$", "", script, flags=re.MULTILINE)
    return re.sub(r"^\s+", "", script, flags=re.MULTILINE)

"""The style and the scripts that a page contains, and the policy that allows these scripts and no others."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from importlib import resources

from markupsafe import Markup
from plotly.offline import get_plotlyjs


@cache
def asset(name: str) -> Markup:
    """Return a file of the templates folder as it is: the style of a page, or its script."""
    return Markup((resources.files("morelike.reports") / "templates" / name).read_text("utf-8"))


@cache
def page_scripts() -> tuple[Markup, ...]:
    """Return the scripts of a page: plotly.js, and the script that draws the figures with it."""
    return Markup(get_plotlyjs().replace("</script", "<\\/script")), asset("page.js")


def content_security_policy() -> str:
    """Return the Content-Security-Policy of a page: its own scripts may run, and nothing is fetched."""
    scripts = " ".join(_hash_source(script) for script in page_scripts())
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def _hash_source(script: str) -> str:
    """Return the source expression that allows one inline script (CSP level 2)."""
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"

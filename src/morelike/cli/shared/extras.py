"""Parts of morelike that need packages beyond those that every installation has."""

from __future__ import annotations

from importlib.util import find_spec

from morelike.errors import MorelikeError


def require_server(what: str) -> None:
    """Raise an error if the packages of the extra `serve` are missing; `what` needs them.

    Raises:
        MorelikeError: they are missing.
    """
    if missing := [package for package in ("fastapi", "uvicorn") if find_spec(package) is None]:
        raise MorelikeError(f"{what} needs {' and '.join(missing)}: install it with `pip install 'morelike[serve]'`")

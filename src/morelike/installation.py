"""What this installation has: its version, and the packages that morelike-core leaves out."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from importlib.util import find_spec

from morelike.errors import MissingPackageError


def version() -> str:
    """Return the version of morelike, which is installed as `morelike` or as `morelike-core`."""
    return version_of("morelike") if is_installed("morelike") else version_of("morelike-core")


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of morelike and of those packages that are installed."""
    return {"morelike": version(), **{package: version_of(package) for package in packages if is_installed(package)}}


def is_installed(distribution: str) -> bool:
    """Return whether a distribution is installed."""
    try:
        version_of(distribution)
    except PackageNotFoundError:
        return False
    return True


def require(package: str) -> None:
    """Raise an error if a package is missing that `pip install morelike` brings.

    Raises:
        MissingPackageError: it is missing.
    """
    if find_spec(package) is None:
        raise MissingPackageError(package)


def missing_package(error: ModuleNotFoundError) -> ModuleNotFoundError | MissingPackageError:
    """Return the error with a sentence for a package that is missing; a missing module of morelike is a fault."""
    package = (error.name or "").partition(".")[0]
    return error if package in ("", "morelike") else MissingPackageError(package)

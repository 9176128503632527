"""Downloading a list of the catalogue into the user's data folder. The file there is whole and checked, or absent."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import cast
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from morelike.errors import MAX_EXCERPT, ListError, SettingError, did_you_mean, excerpt
from morelike.storage.atomic_files import atomic_file, sweep_temporaries
from morelike.text.lists.catalogue import ExternalList, external_lists, shipped_lists

TIMEOUT = 20.0
"""Seconds that the server may be silent."""
LONGEST = 300.0
"""Seconds that a download may take."""
CHUNK = 1 << 16
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def find_external(name: str) -> ExternalList:
    """Return the list of the catalogue that has this name and does not ship.

    Raises:
        SettingError: there is none.
    """
    known = external_lists()
    if name in shipped_lists():
        raise SettingError(f"the list {name} ships with morelike: give its name to any command that takes a list")
    if name not in known:
        raise SettingError(
            f"no list of the catalogue is called '{name}'{did_you_mean(name, known)}; lists to fetch are "
            f"{', '.join(known)}"
        )
    return known[name]


def fetch_list(external: ExternalList) -> Path:
    """Download a list into the user's data folder, and return its path.

    A file that is there is replaced, once the new one is whole and has the size and the SHA-256 of the catalogue.

    Raises:
        ListError: the list has no public address, its server cannot be reached or sends another file, or the file
            cannot be written.
    """
    if not external.address:
        raise ListError(f"the list {external.name} cannot be downloaded: {external.advice}")
    path = external.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep_temporaries(path.parent, path.name)
        with atomic_file(path) as file, closing(_checked_blocks(external)) as blocks:
            file.writelines(blocks)
    except OSError as error:
        raise ListError(
            f"the list {external.name} cannot be kept in '{path.parent}': {error.strerror}; nothing was changed there"
        ) from None
    return path


def _checked_blocks(external: ExternalList) -> Generator[bytes, None, None]:
    """Yield the blocks of a list's file.

    Raises:
        ListError: the file cannot be downloaded, or is not the file of the catalogue.
    """
    size, sha256 = 0, hashlib.sha256()
    with closing(_blocks(external)) as blocks:
        for block in blocks:
            size += len(block)
            if size > external.bytes:
                break
            sha256.update(block)
            yield block
    found = ""
    if size > external.bytes:
        found = f"more than {external.bytes:,} bytes"
    elif size < external.bytes:
        found = f"{size:,} of {external.bytes:,} bytes"
    elif sha256.hexdigest() != external.sha256:
        found = f"a file with the SHA-256 {sha256.hexdigest()[:12]}… instead of {external.sha256[:12]}…"
    if found:
        raise ListError(
            f"'{external.address}' sent {found}: the file has changed or was cut off, and nothing was kept; try again, "
            "or give a command the path of your own copy"
        )


def _blocks(external: ExternalList) -> Generator[bytes, None, None]:
    """Yield the blocks that the server sends.

    Raises:
        ListError: the server cannot be reached, refuses, or is too slow.
    """
    deadline = time.monotonic() + LONGEST
    with _network_errors(external), _open(external.address) as response:
        while block := response.read1(CHUNK):
            yield block
            if time.monotonic() > deadline:
                raise TimeoutError(f"it took longer than {LONGEST:g} seconds")


@contextmanager
def _network_errors(external: ExternalList) -> Iterator[None]:
    """Turn every error of the network into a ListError."""
    try:
        yield
    except HTTPError as error:
        error.close()
        reason = f"it answers {error.code} {error.reason[:MAX_EXCERPT]}"
    except URLError as error:
        reason = getattr(error.reason, "strerror", None) or str(error.reason)
    except (OSError, HTTPException, ValueError) as error:  # ValueError: a redirect to an address that is none
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    else:
        return
    raise ListError(
        f"'{external.address}' cannot be read ({reason}): connect to the internet and try again, or give a command the "
        "path of your own copy"
    )


def _open(address: str) -> HTTPResponse:
    """Return the server's answer. Nothing but https is spoken, except with a server on this machine.

    Raises:
        URLError, OSError, HTTPException, ValueError: the server cannot be reached, refuses, or redirects to another
            scheme or too often.
    """
    opener = OpenerDirector()  # `urlopen` would speak ftp and read files too, and follow a redirect from https to http
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(), HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
        opener.add_handler(handler)
    scheme = urlsplit(address).scheme
    for _ in range(MOST_REDIRECTS + 1):
        if not _is_allowed(address) or urlsplit(address).scheme != scheme:
            raise URLError(f"{excerpt(address)} is not an https address")
        request = Request(address, headers={"User-Agent": "morelike"})
        try:
            return cast(HTTPResponse, opener.open(request, timeout=TIMEOUT))
        except HTTPError as error:
            target = error.headers.get("Location")
            if error.code not in REDIRECTS or not target:
                raise
            error.close()
            address = urljoin(address, target)
    raise URLError(f"it redirects more than {MOST_REDIRECTS} times")


def _is_allowed(address: str) -> bool:
    place = urlsplit(address)
    return place.scheme == "https" or (place.scheme == "http" and place.hostname in LOOPBACK)

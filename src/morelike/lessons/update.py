"""Making and updating PO files from the English lessons."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import polib

from morelike.lessons.lesson import lesson_files, source_texts
from morelike.lessons.messages import MESSAGES
from morelike.lessons.translations import po_path
from morelike.storage.atomic_files import write_file

HOME = Path(__file__).parent
NEAR = 0.6
"""The similarity from which an old translation is kept, as a fuzzy one, for a text that was changed."""


def update(language: str, home: Path = HOME) -> None:
    """Make the PO files of a language, or update them: see `updated`.

    Raises:
        OSError: a file cannot be read or written.
    """
    sources = {file.name.removesuffix(".md"): list(source_texts(file)) for file in lesson_files()}
    for name, texts in {"messages": [(text, 1) for text in MESSAGES], **sources}.items():
        path = home.joinpath(*po_path(language, name))
        old = polib.pofile(path.read_text("utf-8")) if path.is_file() else polib.POFile()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, f"{updated(old, texts, f'en/{name}.md', language)}\n".encode())


def updated(old: polib.POFile, texts: Iterable[tuple[str, int]], source: str = "", language: str = "") -> polib.POFile:
    """Return a PO file with one entry for each text, in order.

    A text that has not changed keeps its translation. A text that is similar to one that is gone gets the old
    translation, marked fuzzy, with the old text as a comment. Translations that nothing needs are left out.

    >>> old = polib.POFile()
    >>> old.append(polib.POEntry(msgid="One word.", msgstr="Un mot."))
    >>> [(entry.msgstr, entry.fuzzy) for entry in updated(old, [("One word.", 1), ("One words.", 2), ("Two", 3)])]
    [('Un mot.', False), ('', False), ('', False)]
    >>> [(entry.msgstr, entry.fuzzy) for entry in updated(old, [("One words.", 1)])]
    [('Un mot.', True)]
    """
    lines: dict[str, list[int]] = {}
    for text, line in texts:
        lines.setdefault(text, []).append(line)
    kept = {entry.msgid: entry for entry in old if entry.msgstr}
    gone = {text: entry for text, entry in kept.items() if text not in lines}
    new = polib.POFile(wrapwidth=0)
    charset = {"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
    new.metadata = {"Language": language, **charset}
    for text, where in lines.items():
        entry = polib.POEntry(msgid=text, occurrences=[(source, str(line)) for line in where] if source else [])
        if before := kept.get(text):
            entry.msgstr, entry.flags, entry.previous_msgid = before.msgstr, before.flags, before.previous_msgid
        elif near := get_close_matches(text, gone, n=1, cutoff=NEAR):
            entry.msgstr, entry.flags, entry.previous_msgid = gone[near[0]].msgstr, ["fuzzy"], near[0]
        new.append(entry)
    return new

"""The scripts in which a character is written, as Unicode's standard on mixed scripts counts them."""

from __future__ import annotations

from functools import cache

SHARED = frozenset({"Zyyy", "Zinh"})
"""Characters that all scripts share, such as hyphens and digits (Common), and marks without a script (Inherited)."""

TOGETHER = {
    "Hani": {"Hanb", "Jpan", "Kore"},
    "Hira": {"Jpan"},
    "Kana": {"Jpan"},
    "Hang": {"Kore"},
    "Bopo": {"Hanb"},
}
"""The writing systems of several scripts to which a script belongs: Chinese with Bopomofo, Japanese, Korean."""


@cache
def scripts_of(character: str) -> frozenset[str] | None:
    """Return the scripts and writing systems of a character by their ISO 15924 codes; None for one that all share.

    These are the augmented script sets of Unicode Technical Standard 39 (section 5.1). A word is of one script if its
    characters have a script in common.

    >>> scripts_of("a"), scripts_of("-"), sorted(scripts_of("漢") & scripts_of("か"))
    (frozenset({'Latn'}), None, ['Jpan'])
    """
    import unicodedataplus  # half a megabyte of tables, which few commands need

    scripts = frozenset(unicodedataplus.script_extensions(character))
    if scripts & SHARED:
        return None
    return scripts.union(*(TOGETHER.get(script, set()) for script in scripts))

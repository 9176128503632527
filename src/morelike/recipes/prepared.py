"""The list on which a recipe runs: its own list, or the shipped sibling of a list that is not here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from morelike.errors import ListError
from morelike.recipes.recipe import Recipe
from morelike.runs.plan import source_of
from morelike.text.corpus import Corpus
from morelike.text.lists.catalogue import ExternalList, external_lists
from morelike.text.reading import read_corpus


@dataclass(frozen=True)
class PreparedRecipe:
    """A recipe and the list on which it runs. `source` is the list's path or name, None for a text of the recipe."""

    recipe: Recipe
    corpus: Corpus
    source: str | None = None

    @property
    def sentences(self) -> list[str]:
        """What a reader must know if the recipe runs on the sibling of its list; empty otherwise."""
        recipe = self.recipe
        if not recipe.instead_of:
            return []
        external = _external(recipe.instead_of)
        way = external.way_to_get if external else "give its path with --list"
        figures = "its figures are compared with our own on that list, not with the published ones"
        if not recipe.has_bounds:
            figures = "no reference figures for that list have been measured, so nothing is compared"
        return [
            f"{recipe.name} runs on the shipped list {recipe.data.list} instead of {recipe.instead_of}: {figures}.",
            f"For the published figures, {recipe.instead_of} is needed: {way}.",
        ]


def prepare_recipe(recipe: Recipe, source: Path | None = None) -> PreparedRecipe:
    """Return a recipe with the list on which it runs.

    Args:
        recipe: the recipe.
        source: its list, or the folder that holds it. Without it, the list is looked for in this folder and among the
            lists that were downloaded; if it is in neither, the recipe runs on the shipped sibling of the list. The
            sibling may also be given by its name.

    Raises:
        ListError: the list is missing and has no sibling, or it is not the list of the published figures.
    """
    data = recipe.data
    if not data.list:
        return PreparedRecipe(recipe, Corpus(recipe.name, [data.text] if data.text else [], form=data.form))
    path = _find_list(recipe, source)
    if path is None or (str(path) == data.sibling and not path.is_file()):
        recipe = recipe.on_sibling()
        return PreparedRecipe(recipe, read_corpus(data.sibling, data.form), data.sibling)
    corpus = read_corpus(path, data.form)
    if data.sha256 and corpus.fingerprint != data.sha256:
        raise ListError(
            f"'{path}' is another list than that of the recipe {recipe.name}: its {len(corpus.words):,} words have "
            f"the SHA-256 {corpus.fingerprint[:12]}…, and the figures are for {data.sha256[:12]}…"
        )
    return PreparedRecipe(recipe, corpus, source_of(str(path)))


def _find_list(recipe: Recipe, source: Path | None) -> Path | None:
    """Return the path or the name of a recipe's list, None if the recipe is to run on the sibling.

    Raises:
        ListError: the list is missing, and it has no sibling or is missing from the given folder.
    """
    name = recipe.data.list
    if source is not None and not source.is_dir():
        return source
    path, external = (source or Path()) / name, _external(name)
    if path.is_file():
        return path
    if source is None and external and external.path.is_file():
        return Path(external.name)
    if source is None and recipe.data.sibling:
        return None
    way = f"; {external.way_to_get}" if external and external.address else ""
    raise ListError(
        f"the recipe {recipe.name} needs the list {name}, which does not ship: give its path, or the folder that holds "
        f"it, with --list{way}"
    )


def _external(file: str) -> ExternalList | None:
    """Return the list of the catalogue with this file name."""
    return next((each for each in external_lists().values() if each.file == file), None)

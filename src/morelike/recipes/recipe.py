"""Recipes: TOML files with a list, one or more runs, and the figures that are expected of them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from morelike.errors import ListError, SettingError, did_you_mean
from morelike.text.corpus import Corpus
from morelike.text.reading import read_corpus
from morelike.text.words import Form


class RecipeTable(BaseModel):
    """A table of a recipe. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(RecipeTable):
    """An expected figure: near a published value, between two bounds, or exactly one value."""

    figure: str
    published: float | None = None
    tolerance: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    equals: float | str | None = None
    note: str = ""

    def holds(self, ours: float | str) -> bool:
        """Return whether our figure meets this expectation."""
        if self.equals is not None:
            return ours == self.equals
        if not isinstance(ours, float | int):
            return False
        near = self.tolerance is None or self.published is None or abs(ours - self.published) <= self.tolerance
        above = self.at_least is None or ours >= self.at_least
        return near and above and (self.at_most is None or ours <= self.at_most)

    @property
    def bound(self) -> str:
        """The bounds of the figure in a few words."""
        if self.equals is not None:
            return f"exactly {self.equals:,.0f}" if isinstance(self.equals, float) else f"exactly {self.equals}"
        bounds = [f"± {self.tolerance:g}"] if self.tolerance is not None else []
        bounds += [f"at least {self.at_least:g}"] if self.at_least is not None else []
        bounds += [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return ", ".join(bounds) or "runs"


class RecipeData(RecipeTable):
    """The training data: the file name of a list, or a text in the recipe itself, or neither."""

    list: str = ""
    text: str = ""
    form: Form = Field("lines", alias="as")
    split: str = "none"
    sha256: str = ""


class RangeTestSettings(RecipeTable):
    """The settings of a learning-rate range test, which replaces a run."""

    low: float = 1e-3
    high: float = 1.0
    steps: int = 1000


class ScalarSettings(RecipeTable):
    """The settings of a network of scalars that is fitted to the four examples by gradient descent."""

    inputs: int
    layers: list[int]
    learning_rate: float
    steps: int


class RecipeRun(RecipeTable):
    """One model of a recipe: its settings, the seeds over which its losses are averaged, and its expected figures.

    With `range_test` a learning-rate range test replaces the run; with `scalar` a network of scalars replaces the
    language model.
    """

    name: str
    architecture: dict[str, Any] = {}
    training: dict[str, Any] = {}
    seeds: list[int] = [0]
    range_test: RangeTestSettings | None = None
    scalar: ScalarSettings | None = None
    write: tuple[str, int] | None = None
    expect: list[Expected] = []


class RecipeMixture(RecipeTable):
    """The mixture of all runs of a recipe, with weights fitted by EM on dev."""

    expect: list[Expected]


class Recipe(RecipeTable):
    """A published experiment."""

    name: str
    title: str
    source: str
    quick: bool
    about: str = ""
    data: RecipeData = RecipeData()
    run: list[RecipeRun]
    mixture: RecipeMixture | None = None
    toml: str = Field(repr=False)

    def config(self, run: RecipeRun) -> dict[str, Any]:
        """Return the settings of a run as `morelike train --config` reads them.

        Raises:
            SettingError: the run trains no language model.
        """
        if run.scalar:
            raise SettingError(
                f"the recipe {self.name} trains a network of scalars, which `morelike train` does not: "
                f"`morelike recipe run {self.name}` does"
            )
        form = {"as": self.data.form} if self.data.form != "lines" else {}
        training = {**run.training, "seed": run.seeds[0]}
        if run.architecture["kind"] == "ngram":
            training = {}
        return {
            "data": {"list": self.data.list or "TEXT.txt", **form, "split": self.data.split},
            "architecture": run.architecture,
            "training": training,
        }

    def corpus(self, source: Path | None) -> Corpus:
        """Return the training data of the recipe. `source` is its list, or the folder that holds it.

        Raises:
            ListError: the list is missing, or it is not the list of the published figures.
        """
        if not self.data.list:
            return Corpus(self.name, [self.data.text] if self.data.text else [], form=self.data.form)
        path = find_list(self.data.list, source)
        if path is None:
            raise ListError(
                f"the recipe {self.name} needs the list {self.data.list}, which does not ship: give its path, or the "
                "folder that holds it, with --list"
            )
        corpus = read_corpus(path, self.data.form)
        if self.data.sha256 and corpus.fingerprint != self.data.sha256:
            raise ListError(
                f"'{path}' is another list than that of the recipe {self.name}: its {len(corpus.words):,} words have "
                f"the SHA-256 {corpus.fingerprint[:12]}…, and the figures are for {self.data.sha256[:12]}…"
            )
        return corpus


def find_list(name: str, source: Path | None) -> Path | None:
    """Return the path of a list: `source` itself, or the file of this name in the folder `source` or in this folder."""
    if source is not None and not source.is_dir():
        return source
    path = (source or Path()) / name
    return path if path.is_file() else None


@cache
def recipes() -> dict[str, Recipe]:
    """Return all recipes by name, in the order of their files.

    >>> "civil-mlp" in recipes()
    True
    """
    folder = resources.files("morelike.recipes") / "published"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    found = [_read(file.name.removesuffix(".toml"), file.read_text("utf-8")) for file in files]
    return {recipe.name: recipe for recipe in found}


def find_recipe(name: str) -> Recipe:
    """Return the recipe of this name.

    Raises:
        SettingError: there is none.
    """
    known = recipes()
    if name not in known:
        raise SettingError(f"no recipe is called '{name}'{did_you_mean(name, known)}; there are {', '.join(known)}")
    return known[name]


def _read(name: str, text: str) -> Recipe:
    return Recipe(name=name, toml=text, **tomllib.loads(text))

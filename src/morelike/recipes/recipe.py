"""Recipes: TOML files with a list, one or more runs, and the figures that are expected of them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from morelike.errors import SettingError, did_you_mean
from morelike.text.words import Form


class RecipeTable(BaseModel):
    """A table of a recipe. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(RecipeTable):
    """An expected figure: near a published value, between two bounds, or exactly one value.

    On a sibling of the recipe's list nothing is published: `reference` is the value that we measured there.
    """

    figure: str
    published: float | None = None
    reference: float | None = None
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
        known = self.reference if self.published is None else self.published
        near = self.tolerance is None or known is None or abs(ours - known) <= self.tolerance
        above = self.at_least is None or ours >= self.at_least
        return near and above and (self.at_most is None or ours <= self.at_most)

    @property
    def has_bounds(self) -> bool:
        """Whether anything is expected of the figure."""
        return any(each is not None for each in (self.equals, self.tolerance, self.at_least, self.at_most))

    @property
    def bound(self) -> str:
        """The bounds of the figure in a few words."""
        if self.equals is not None:
            return f"exactly {self.equals:,.0f}" if isinstance(self.equals, float) else f"exactly {self.equals}"
        bounds = [f"± {self.tolerance:g}"] if self.tolerance is not None else []
        bounds += [f"at least {self.at_least:g}"] if self.at_least is not None else []
        bounds += [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return ", ".join(bounds)


class RecipeData(RecipeTable):
    """The training data: the file name of a list, or a text in the recipe itself, or neither.

    `sibling` is the name of a shipped list of the same kind, on which the recipe runs where its own list is missing.
    """

    list: str = ""
    sibling: str = ""
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


class OnSibling(RecipeTable):
    """What differs on the sibling of the list: some settings of training, and the expected figures."""

    training: dict[str, Any] = {}
    expect: list[Expected] = []


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
    on_sibling: OnSibling = OnSibling()


class RecipeMixture(RecipeTable):
    """The mixture of all runs of a recipe, with weights fitted by EM on dev."""

    expect: list[Expected]
    on_sibling: OnSibling = OnSibling()


class Recipe(RecipeTable):
    """A published experiment. `instead_of` is the file name of its list if it runs on the sibling of that list."""

    name: str
    title: str
    source: str
    quick: bool
    about: str = ""
    data: RecipeData = RecipeData()
    run: list[RecipeRun]
    mixture: RecipeMixture | None = None
    instead_of: str = ""
    toml: str = Field(repr=False)

    @property
    def title_of_results(self) -> str:
        """The name under which results are shown; it names the list if nothing is published for it."""
        return f"{self.name} on {self.data.list}" if self.instead_of else self.name

    @property
    def has_bounds(self) -> bool:
        """Whether anything is expected of the figures."""
        expected = [*(each for run in self.run for each in run.expect), *(self.mixture.expect if self.mixture else [])]
        return any(each.has_bounds for each in expected)

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

    def on_sibling(self) -> Recipe:
        """Return this recipe on the sibling of its list, with the figures that are expected there."""
        runs = [
            run.model_copy(
                update={"training": {**run.training, **run.on_sibling.training}, "expect": _on_sibling(run)},
            )
            for run in self.run
        ]
        mixture = self.mixture and self.mixture.model_copy(update={"expect": _on_sibling(self.mixture)})
        data = self.data.model_copy(update={"list": self.data.sibling, "sibling": "", "sha256": ""})
        return self.model_copy(update={"data": data, "run": runs, "mixture": mixture, "instead_of": self.data.list})


def _on_sibling(part: RecipeRun | RecipeMixture) -> list[Expected]:
    """Return the figures that are expected on the sibling; without any, the same figures with nothing expected."""
    return part.on_sibling.expect or [Expected(figure=each.figure) for each in part.expect]


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

"""Running a recipe: its models are trained, and their figures are compared with the published ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from morelike.arrays import softmax
from morelike.autograd import FOUR_EXAMPLES, MLP, SGD, squared_error
from morelike.language_model.model import LanguageModel
from morelike.pictures.embedding import embedding_figure
from morelike.pictures.learning_rate import range_test_figure
from morelike.recipes.prepared import PreparedRecipe, prepare_recipe
from morelike.recipes.recipe import Expected, Recipe, RecipeMixture, RecipeRun, ScalarSettings
from morelike.runs.events import Progress
from morelike.runs.plan import Plan
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import configure_tables
from morelike.text.corpus import Corpus
from morelike.text.examples.contexts import contexts
from morelike.training.experiment import ExperimentEvent, ExperimentFinished, run_experiment, start_run
from morelike.training.result import Result, new_words
from morelike.workflows.learning_rate_test import range_test
from morelike.workflows.mixing import mix_on, save_mixture

Figures = dict[str, float | str]


@dataclass(frozen=True)
class MeasuredFigure:
    """One figure of a recipe: its expected value and ours."""

    run: str
    expected: Expected
    ours: float | str

    @property
    def within_bounds(self) -> bool:
        """Whether our figure meets the expectation."""
        return self.expected.holds(self.ours)


@dataclass(frozen=True)
class RecipeResult:
    """The figures of a recipe, the seconds of each run, the pictures (plotly figures) and the kept runs.

    `kept` has a pair for each model that was kept: the name of the recipe's run, and the folder of the kept run.
    """

    recipe: Recipe
    figures: list[MeasuredFigure]
    seconds: dict[str, float]
    pictures: dict[str, Any] = field(default_factory=dict)
    kept: list[tuple[str, Path]] = field(default_factory=list)

    @property
    def within_bounds(self) -> bool:
        """Whether all figures meet their expectations."""
        return all(each.within_bounds for each in self.figures)


Listener = Callable[[Plan, ExperimentEvent], None]


def run_recipe(
    recipe: Recipe,
    source: Path | None = None,
    *,
    out: Path | None = None,
    on_event: Listener = lambda plan, event: None,
) -> RecipeResult:
    """Return the result of a recipe.

    Args:
        recipe: the recipe.
        source: its list, or the folder that holds it; without it, see `prepare_recipe`.
        out: the folder in which each trained model is kept as a run, with its samples; by default none is kept.
        on_event: is called with each event of the training runs.

    Raises:
        ListError: the list is missing, or it is not the list of the published figures.
        RunError: `out` cannot be written.
        MorelikeError: training fails.
    """
    prepared = prepare_recipe(recipe, source)
    recipe, corpus = prepared.recipe, prepared.corpus
    result = RecipeResult(recipe, [], {})
    trained: list[Result] = []
    for run in recipe.run:
        start = time.perf_counter()
        if run.range_test:
            found = _range_figures(recipe, run, corpus, result.pictures)
        elif run.scalar:
            found = _scalar_figures(run.scalar, run.seeds[0])
        else:
            results = [_train(prepared, run, seed, out, on_event) for seed in run.seeds]
            found = _figures(run, results, corpus)
            trained += [each for each, _ in results]
            result.kept.extend((run.name, each.run) for each, _ in results if each.run)
            if any(expected.figure == "points_drawn" for expected in run.expect):
                model = trained[-1].model
                picture = result.pictures[run.name] = embedding_figure(model.weights["C"], model.vocabulary.characters)
                found["points_drawn"] = float(len(picture.data[0].x))
        result.seconds[run.name] = time.perf_counter() - start
        result.figures.extend(MeasuredFigure(run.name, expected, found[expected.figure]) for expected in run.expect)
    if recipe.mixture:
        _add_mixture(result, recipe.mixture, trained, corpus, out)
    return result


def _add_mixture(
    result: RecipeResult, mixture: RecipeMixture, trained: list[Result], corpus: Corpus, out: Path | None
) -> None:
    """Mix the trained models, and add the figures, the seconds and the kept run of the mixture to the result."""
    start = time.perf_counter()
    mixed = mix_on([each.model for each in trained], corpus, result.recipe.data.split)
    result.seconds["mixture"] = time.perf_counter() - start
    losses = {split: loss.nats_per_character for split, loss in mixed.losses.items()}
    result.figures.extend(MeasuredFigure("mixture", expected, losses[expected.figure]) for expected in mixture.expect)
    if out:
        run = save_mixture(mixed, out, [str(RunFolder(each.run).model) for each in trained if each.run])
        run.save_samples(new_words(mixed.model, seed=0)[0])
        run.update_meta(recipe=result.recipe.name)
        result.kept.append(("mixture", run.path))


def recipe_plan(recipe: Recipe, run: RecipeRun, corpus: Corpus, seed: int, source: str | None = None) -> Plan:
    """Return the plan of one run of a recipe. `source` is the path or the name of the list."""
    tables = {"architecture": run.architecture, "training": {**run.training, "seed": seed}}
    return Plan(corpus, *configure_tables(tables), source, recipe.data.split)


def _train(
    prepared: PreparedRecipe, run: RecipeRun, seed: int, out: Path | None, on_event: Listener
) -> tuple[Result, list[float]]:
    """Return the result of a run, which is kept in `out`, and the loss of each chunk of steps."""
    plan = recipe_plan(prepared.recipe, run, prepared.corpus, seed, prepared.source)
    folder = start_run(plan, out) if out else None
    if folder:
        folder.update_meta(recipe=prepared.recipe.name)
    losses = []
    for event in run_experiment(plan, folder):
        on_event(plan, event)
        if isinstance(event, Progress):
            losses.append(event.loss)
    assert isinstance(event, ExperimentFinished)
    return event.result, losses


def _figures(run: RecipeRun, results: list[tuple[Result, list[float]]], corpus: Corpus) -> Figures:
    """Return the mean losses over the seeds, and the other figures of the last seed's model."""
    result, losses = results[-1]
    figures: Figures = {
        split: fmean(each.losses[split].nats_per_character for each, _ in results) for split in result.losses
    }
    figures["parameters"] = float(result.model.parameters)
    figures["seconds"] = fmean(each.training_seconds for each, _ in results)
    figures["rises"] = float(sum(after >= before for before, after in pairwise(losses)))
    if run.write:
        prefix, characters = run.write
        figures["greedy"] = result.model.write(characters, prefix=prefix, greedy=True)
    if run.architecture["kind"] == "bigram":
        figures["distance_from_counts"] = _distance_from_counts(result.model, corpus)
    return figures


def _distance_from_counts(model: LanguageModel, corpus: Corpus) -> float:
    """Return the total variation distance of softmax(W) from the relative frequencies, averaged over x."""
    lines = model.vocabulary.encode_lines(corpus.words)
    x, y = contexts(lines, 1)
    counts = np.zeros((model.vocabulary.size, model.vocabulary.size))
    np.add.at(counts, (x[:, 0], y), 1)
    totals = counts.sum(axis=1, keepdims=True)
    distance = np.abs(softmax(model.weights["W"].astype(np.float64)) - counts / totals).sum(axis=1) / 2
    return float((distance * totals[:, 0]).sum() / totals.sum())


def _scalar_figures(settings: ScalarSettings, seed: int) -> Figures:
    xs, ys = FOUR_EXAMPLES
    network = MLP(settings.inputs, settings.layers, seed=seed)
    descent = SGD(network.parameters(), settings.learning_rate)
    for _ in range(settings.steps):
        descent.zero_grad()
        squared_error([network(x) for x in xs], ys).backward()
        descent.step()
    loss = squared_error([network(x) for x in xs], ys).data
    return {"parameters": float(len(network.parameters())), "loss": loss}


def _range_figures(recipe: Recipe, run: RecipeRun, corpus: Corpus, pictures: dict[str, Any]) -> Figures:
    settings = run.range_test
    assert settings is not None
    found = range_test(
        recipe_plan(recipe, run, corpus, run.seeds[0]), low=settings.low, high=settings.high, steps=settings.steps
    )
    pictures[run.name] = range_test_figure(found.rates, found.losses, found.smoothed, found.suggestion)
    return {"suggested_rate": found.suggestion}

"""No imports go in circles, no folder is crowded, and what uses a model does not pass through training."""

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
MOST_FILES = 16
FOLDERS = [
    folder
    for top in ("src/morelike", "benchmarks", "tests")
    for folder in [ROOT / top, *sorted((ROOT / top).rglob("*"))]
    if folder.is_dir() and any(folder.glob("*.py"))
]


@pytest.fixture(scope="module", params=["morelike", "benchmarks"])
def graph(request):
    return grimp.build_graph(request.param)


def circle(graph):
    """Return the modules of one circle of imports, none if there is no circle; imports for types alone count too."""
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def test_no_imports_go_in_circles(graph):
    assert circle(graph) is None


def test_a_planted_circle_is_found(graph):
    imported, importer = next(
        (imported, importer)
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
    )
    graph.add_import(importer=imported, imported=importer)
    try:
        assert {imported, importer} <= set(circle(graph))
    finally:
        graph.remove_import(importer=imported, imported=importer)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_no_folder_is_crowded(folder):
    assert len([path for path in folder.iterdir() if path.is_file()]) <= MOST_FILES


@pytest.mark.parametrize(
    "module", ["language_model.model", "language_model.sampling.words", "language_model.scoring", "evaluation.loss"]
)
def test_loading_sampling_scoring_and_evaluating_do_not_pass_through_training(module):
    graph = grimp.build_graph("morelike")
    above = graph.find_upstream_modules(f"morelike.{module}")
    assert not {name for name in above if name.startswith("morelike.training")}

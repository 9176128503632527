"""The diagram of a network follows from the shapes of its weights, for every kind."""

import pytest

from morelike.architecture import RecurrentArchitecture, TrainedArchitecture, WindowArchitecture, build, find, kinds
from morelike.errors import SettingError
from morelike.pictures.diagram import diagram_of
from morelike.pictures.network import network_figure

SYMBOLS = 27
TRAINED = [kind for kind in kinds() if issubclass(find(kind), TrainedArchitecture)]


def layers(kind, **settings):
    return [(layer.groups, layer.neurons) for layer in diagram_of(build(kind, settings), SYMBOLS).layers]


@pytest.mark.parametrize("kind", TRAINED)
def test_every_network_leads_from_characters_to_the_next_character(kind):
    architecture = build(kind, {})
    diagram = diagram_of(architecture, SYMBOLS)
    first, last = diagram.layers[0], diagram.layers[-1]
    assert first.neurons == last.neurons == SYMBOLS
    assert (first.groups, last.groups) == (
        architecture.context if isinstance(architecture, WindowArchitecture) else 1,
        1,
    )
    assert last.name == "next character"
    assert len(diagram.matrices) == len(diagram.layers) - 1 <= 7


@pytest.mark.parametrize("kind", TRAINED)
def test_every_matrix_on_an_arrow_is_one_of_the_network(kind):
    architecture = build(kind, {})
    shapes = {(name.rpartition(".")[2], shape) for name, shape in architecture.shapes(SYMBOLS).items()}
    assert {(matrix.name, matrix.shape) for matrix in diagram_of(architecture, SYMBOLS).matrices} <= shapes


def test_a_window_is_laid_end_to_end():
    assert layers("mlp") == [(3, 27), (3, 10), (1, 200), (1, 27)]
    assert layers("bigram") == [(1, 27), (1, 27)]


def test_wavenet_halves_its_window_level_by_level():
    assert layers("wavenet") == [(8, 27), (8, 24), (4, 128), (2, 128), (1, 128), (1, 27)]


@pytest.mark.parametrize("kind", [kind for kind in TRAINED if issubclass(find(kind), RecurrentArchitecture)])
def test_a_recurrent_layer_has_a_loop_and_is_as_wide_as_its_state(kind):
    diagram = diagram_of(build(kind, {"layers": 2, "hidden": 24}), SYMBOLS)
    assert [layer.neurons for layer in diagram.layers] == [27, 32, 24, 24, 27]
    assert [bool(layer.loop) for layer in diagram.layers] == [False, False, True, True, False]
    assert diagram.layers[2].loop.startswith("Wh  24 × ")


def test_one_hot_input_and_tied_weights_are_drawn_as_they_are():
    assert layers("gru", one_hot=True)[:2] == [(1, 27), (1, 160)]
    assert diagram_of(build("gru", {"tied": True, "embedding": 160}), SYMBOLS).matrices[-1].name == "C transposed"


def test_equal_blocks_of_a_long_network_are_drawn_once():
    assert diagram_of(build("deep_mlp", {}), SYMBOLS).repeated == ((3, 3, 5),)
    assert diagram_of(build("transformer", {}), SYMBOLS).repeated == ((2, 5, 4),)
    assert layers("wavenet", context=64)[-2] == (1, 128)


def test_counts_are_no_network():
    with pytest.raises(SettingError, match="ngram is counted, not trained: there are no neurons to draw"):
        diagram_of(build("ngram", {}), SYMBOLS)


def texts(figure):
    return [note.text for note in figure.layout.annotations if note.text]


@pytest.mark.parametrize("kind", TRAINED)
def test_the_picture_tells_every_size_and_shape(kind):
    diagram = diagram_of(build(kind, {}), SYMBOLS)
    written = texts(network_figure(diagram))
    for layer in diagram.layers:
        assert any(f"{layer.neurons:,}</b>" in text for text in written)
    for matrix in diagram.matrices:
        assert f"{matrix.name}<br>{' × '.join(map(str, matrix.shape))}" in written
    for _, _, times in diagram.repeated:
        assert f"{times} times" in written


def test_neurons_that_are_drawn_are_all_connected_with_those_that_they_see():
    edges, *columns = network_figure(diagram_of(build("mlp", {"embedding": 2, "hidden": 3}), 3)).data
    sizes = [len(column.y) for column in columns]
    assert sizes == [9, 6, 3, 3]
    assert len([x for x in edges.x if x is None]) == 3 * 3 * 2 + 6 * 3 + 3 * 3


def test_many_neurons_are_drawn_by_a_few_and_dots():
    figure = network_figure(diagram_of(build("gru", {}), SYMBOLS))
    assert all(len(column.y) <= 9 for column in figure.data[1:])
    assert texts(figure).count("⋮") == 4

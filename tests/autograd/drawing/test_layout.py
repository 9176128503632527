"""The layout: layers in order, nothing overlaps, no edge runs over a box, few crossings."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.autograd.drawing import layout as module
from morelike.autograd.drawing.layout import GAP, HEIGHT, layout


@st.composite
def graphs(draw):
    """Draw the inputs of each node and its width; the last node is reached from all, as in an expression."""
    count = draw(st.integers(1, 25))
    inputs = []
    for i in range(count):
        before = st.integers(0, i - 1)
        inputs.append(draw(st.lists(before, max_size=2)) if i else [])
    used = {j for ins in inputs[:-1] for j in ins}
    inputs[-1] = [*inputs[-1], *(j for j in range(count - 1) if j not in used and j not in inputs[-1])]
    return inputs, draw(st.lists(st.floats(20, 200), min_size=count, max_size=count))


def boxes(placed, widths):
    return [
        (x - width / 2, y, x + width / 2, y + HEIGHT)
        for x, y, width in zip(placed.centres, placed.tops, widths, strict=True)
    ]


def edges(inputs, placed):
    pairs = [(j, i) for i, ins in enumerate(inputs) for j in ins]
    return zip(pairs, placed.paths, strict=True)


@given(graphs())
def test_boxes_stand_apart_and_inside_the_picture(graph):
    inputs, widths = graph
    placed = layout(inputs, widths)
    found = boxes(placed, widths)
    for (left, top, right, bottom), (left2, top2, right2, bottom2) in itertools.combinations(found, 2):
        apart = max(left2 - right, left - right2) >= GAP - 1e-6
        assert apart or max(top2 - bottom, top - bottom2) >= 40 - 1e-6
    assert min(left for left, *_ in found) >= -1e-6
    assert max(right for _, _, right, _ in found) <= placed.width + 1e-6
    assert max(bottom for *_, bottom in found) <= placed.height + 1e-6


@given(graphs())
def test_every_edge_leads_down_from_its_box_to_its_box(graph):
    inputs, widths = graph
    placed = layout(inputs, widths)
    found = boxes(placed, widths)
    for (source, target), path in edges(inputs, placed):
        (x, y), (end_x, end_y) = path[0], path[-1]
        assert y == found[source][3]
        assert end_y == found[target][1]
        assert found[source][0] < x < found[source][2]
        assert found[target][0] < end_x < found[target][2]
        assert all(below > above for (_, above), (_, below) in itertools.pairwise(path))


@given(graphs())
def test_no_edge_runs_over_a_box(graph):
    """A piece of an edge lies in a gap between layers, or goes straight down past one, with a lane of its own."""
    inputs, widths = graph
    placed = layout(inputs, widths)
    found = boxes(placed, widths)
    for path in placed.paths:
        for (x, y), (to_x, to_y) in itertools.pairwise(path):
            beside = [box for box in found if box[1] < to_y and y < box[3]]
            assert not beside or x == to_x
            assert all(x <= left - GAP + 1e-6 or x >= right + GAP - 1e-6 for left, _, right, _ in beside)


@given(graphs(), st.floats(100, 800))
def test_a_folded_picture_keeps_boxes_apart_edges_downwards_and_off_the_boxes(graph, limit):
    inputs, widths = graph
    placed = layout(inputs, widths, limit)
    assert placed.width <= max(limit, layout(inputs, widths).width)
    found = boxes(placed, widths)
    for (left, top, right, bottom), (left2, top2, right2, bottom2) in itertools.combinations(found, 2):
        assert max(left2 - right, left - right2) >= GAP - 1e-6 or max(top2 - bottom, top - bottom2) >= 40 - 1e-6
    for (source, target), path in edges(inputs, placed):
        assert (path[0][1], path[-1][1]) == (found[source][3], found[target][1])
        for (x, y), (_, to_y) in itertools.pairwise(path):
            beside = [box for box in found if box[1] < to_y and y < box[3]]
            assert y < to_y
            assert all(x <= left - GAP + 1e-6 or x >= right + GAP - 1e-6 for left, _, right, _ in beside)


def test_a_picture_that_fits_is_not_folded():
    inputs = tree(3)
    assert layout(inputs, [60] * len(inputs), 10_000) == layout(inputs, [60] * len(inputs))


def test_a_wide_layer_is_folded_into_several():
    inputs = tree(5)
    wide, folded = layout(inputs, [100] * len(inputs)), layout(inputs, [100] * len(inputs), 1500)
    assert wide.width > 3500
    assert folded.width <= 1500
    assert folded.height < 4 * wide.height


@given(graphs())
def test_ends_of_edges_at_one_box_do_not_meet(graph):
    inputs, widths = graph
    placed = layout(inputs, widths)
    for end in (0, -1):
        points = [path[end] for path in placed.paths]
        assert len(set(points)) == len(points)


def tree(depth):
    """A binary tree over its leaves, as inputs of nodes."""
    inputs, level = [[] for _ in range(2**depth)], list(range(2**depth))
    while len(level) > 1:
        inputs += [[level[i], level[i + 1]] for i in range(0, len(level), 2)]
        level = list(range(len(inputs) - len(level) // 2, len(inputs)))
    return inputs


def crossings(placed):
    """Count the pairs of edge pieces in one gap whose ends stand in opposite orders."""
    pieces = [((y, to_y), x, to_x) for path in placed.paths for (x, y), (to_x, to_y) in itertools.pairwise(path)]
    return sum(
        gap == gap2 and (x - x2) * (to_x - to_x2) < 0
        for (gap, x, to_x), (gap2, x2, to_x2) in itertools.combinations(pieces, 2)
    )


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_a_tree_has_no_crossings_and_each_result_stands_between_its_inputs(depth):
    inputs = tree(depth)
    placed = layout(inputs, [60] * len(inputs))
    assert crossings(placed) == 0
    for i, ins in enumerate(inputs):
        if ins:
            left, right = (placed.centres[j] for j in ins)
            assert left < placed.centres[i] < right
    assert placed.centres[-1] == pytest.approx(placed.width / 2, abs=1)


def test_the_barycentre_untangles_what_the_first_walk_leaves_as_far_as_any_order_can():
    inputs = [[], [], [], [], [3, 2], [1, 0], [3, 1], [2, 0], [4, 5], [6, 7], [8, 9]]
    graph = module._LayeredGraph(inputs, [60] * len(inputs), module._ranks(inputs))
    every = itertools.product(itertools.permutations(range(4)), itertools.permutations(range(4, 8)), [(8, 9), (9, 8)])
    fewest = len(inputs) ** 2
    for layers in every:
        graph.layers = [*map(list, layers), [10]]
        fewest = min(fewest, module._crossings(graph))
    assert crossings(layout(inputs, [60] * len(inputs))) == fewest == 5


@given(graphs())
def test_the_crossings_that_are_counted_are_those_there_are(graph):
    inputs, widths = graph
    graph = module._LayeredGraph(inputs, widths, module._ranks(inputs))
    module._order(graph)
    by_pairs = 0
    for upper, lower in itertools.pairwise(graph.layers):
        index = {vertex: i for i, vertex in enumerate(lower)}
        ends = [(i, index[other]) for i, vertex in enumerate(upper) for other in graph.below[vertex]]
        by_pairs += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in itertools.combinations(ends, 2))
    assert module._crossings(graph) == by_pairs


def test_a_leaf_stands_just_above_its_first_use():
    chain = [[], [0], [1], [2], [], [3, 4]]
    placed = layout(chain, [60] * 6)
    assert placed.tops[4] == placed.tops[3]


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.5, 8)), min_size=1, max_size=12))
def test_the_nearest_isotonic_numbers_rise_and_keep_the_weighted_mean(pairs):
    wished, weights = [wish for wish, _ in pairs], [weight for _, weight in pairs]
    found = module._isotonic(wished, weights)
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(found))
    mean, wanted = (sum(w * x for w, x in zip(weights, numbers, strict=True)) for numbers in (found, wished))
    assert mean == pytest.approx(wanted, abs=1e-6)


def test_edges_that_no_picture_can_hold_are_refused():
    comb = [[], *([i, 0] for i in range(300))]
    with pytest.raises(ValueError, match="is unreadable: draw less"):
        layout(comb, [60] * len(comb))

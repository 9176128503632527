"""Neurons, layers and networks, and what they can learn."""

import random
import time

import pytest

from morelike.autograd import FOUR_EXAMPLES, MLP, SGD, Layer, Neuron, Value, hinge, squared_error, two_moons


@pytest.mark.parametrize(
    ("network", "count"),
    [(MLP(3, [4, 4, 1]), 41), (MLP(2, [3]), 9), (Layer(5, 2), 12), (Neuron(7), 8)],
    ids=lambda given: type(given).__name__,
)
def test_the_number_of_parameters(network, count):
    parameters = network.parameters()
    assert len(parameters) == len(set(parameters)) == count
    assert len({parameter.label for parameter in parameters}) == count


def test_a_neuron_is_its_activation_of_a_weighted_sum():
    for activation in ("tanh", "relu", "sigmoid"):
        neuron = Neuron(2, activation)
        w1, w2, b = neuron.parameters()
        b.data = 0.25
        total = 0.25 + w1.data * 3 - w2.data * 2
        assert neuron([3.0, -2.0]).data == getattr(Value(total), activation)().data
    assert Neuron(1, "linear", 5)([2.0]).data == 2 * Neuron(1, "tanh", 5).weights[0].data


def test_the_last_layer_of_a_network_is_linear_unless_it_is_named():
    assert [layer.neurons[0].activation for layer in MLP(2, [3, 3, 1], "relu").layers] == ["relu", "relu", "linear"]
    assert [layer.neurons[0].activation for layer in MLP(2, [3, 1], last="tanh").layers] == ["tanh", "tanh"]


def test_one_output_comes_alone_and_several_as_a_list():
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)
    assert [type(each) for each in MLP(2, [3, 2])([1.0, 2.0])] == [Value, Value]


def test_the_same_seed_gives_the_same_weights_and_nothing_else_is_touched():
    state = random.getstate()
    numbers = [[p.data for p in MLP(3, [4, 1], seed=seed).parameters()] for seed in (0, 0, 1)]
    assert numbers[0] == numbers[1] != numbers[2]
    assert random.getstate() == state
    rng = random.Random(0)
    assert [p.data for p in MLP(3, [4, 1], seed=rng).parameters()] == numbers[0]
    assert [p.data for p in MLP(3, [4, 1], seed=rng).parameters()] != numbers[0]
    assert all(-1 <= number <= 1 for number in numbers[0])


def test_zero_grad_clears_what_backward_left():
    mlp = MLP(2, [3, 1])
    mlp([1.0, 2.0]).backward()
    assert any(p.grad for p in mlp.parameters())
    mlp.zero_grad()
    assert not any(p.grad for p in mlp.parameters())


def fit(mlp, loss_of, descent, until, most):
    for _ in range(most):
        loss = loss_of(mlp)
        if loss.data < until:
            return loss.data
        descent.zero_grad()
        loss.backward()
        descent.step()
    return loss_of(mlp).data


@pytest.mark.parametrize("seed", range(5))
def test_four_examples_are_fitted_even_by_the_sum_of_their_squared_errors(seed):
    xs, ys = FOUR_EXAMPLES
    mlp = MLP(3, [4, 4, 1], seed=seed)
    loss = fit(mlp, lambda mlp: squared_error([mlp(x) for x in xs], ys), SGD(mlp.parameters(), 0.1), 0.0025, 200)
    assert 4 * loss < 0.01
    assert [mlp(x).data > 0 for x in xs] == [y > 0 for y in ys]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
def test_two_moons_are_told_apart_in_seconds(seed):
    xs, ys = two_moons(100, seed=seed)
    mlp = MLP(2, [8, 1], seed=seed)
    began = time.perf_counter()
    fit(mlp, lambda mlp: hinge([mlp(x) for x in xs], ys), SGD(mlp.parameters(), 0.3, 0.9), 0.05, 150)
    right = sum((mlp(x).data > 0) == (y > 0) for x, y in zip(xs, ys, strict=True))
    assert time.perf_counter() - began < 20  # 1 to 2 s on a quiet machine
    assert right > 95
    assert sum(y > 0 for y in ys) == 50


def test_no_line_tells_the_moons_apart():
    xs, ys = two_moons(100)
    line = MLP(2, [1])
    fit(line, lambda line: hinge([line(x) for x in xs], ys), SGD(line.parameters(), 0.3, 0.9), 0.0, 60)
    assert sum((line(x).data > 0) == (y > 0) for x, y in zip(xs, ys, strict=True)) <= 95


def test_points_are_a_function_of_the_seed():
    assert two_moons(10, seed=1) == two_moons(10, seed=1) != two_moons(10, seed=2)


REFUSED = [
    (lambda: Neuron(0), "a neuron with 0 inputs: give it 1 or more"),
    (lambda: Layer(2, 0), "a layer of 0 neurons: give it 1 or more"),
    (lambda: MLP(2, []), "an MLP without layers: give the number of neurons of each"),
    (lambda: Neuron(2, "gelu"), "no activation is called 'gelu'; there are tanh, relu, sigmoid, linear"),
    (lambda: MLP(3, [2, 1])([1.0, 2.0]), "2 inputs to a neuron with 3 weights: give one for each"),
    (lambda: two_moons(1), "1 points are too few"),
]


@pytest.mark.parametrize(("make", "says"), REFUSED)
def test_what_makes_no_network_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_one_number_is_no_list_of_layers():
    with pytest.raises(TypeError, match=r"the layers of an MLP are 4: give a list of their sizes"):
        MLP(3, 4)


def test_a_neuron_has_w_and_b_as_in_micrograd():
    neuron = Neuron(3)
    assert neuron.w is neuron.weights
    assert neuron.b is neuron.bias
    assert [*neuron.w, neuron.b] == neuron.parameters()
    neuron.b = Value(2.0, "b")
    assert neuron.parameters()[-1].data == 2.0


def test_biases_start_at_random_if_asked():
    at_zero, at_random = (MLP(3, [4, 4, 1], seed=2, random_bias=each) for each in (False, True))
    assert {neuron.b.data for layer in at_zero.layers for neuron in layer.neurons} == {0.0}
    biases = [neuron.b.data for layer in at_random.layers for neuron in layer.neurons]
    assert len(set(biases)) == 9
    assert all(-1 <= bias <= 1 for bias in biases)


def test_numbers_are_drawn_in_the_order_of_the_lecture():
    """The lecture draws the weights of a neuron and then its bias, neuron after neuron."""
    rng = random.Random(1337)
    drawn = [rng.uniform(-1, 1) for _ in range(41)]
    assert [p.data for p in MLP(3, [4, 4, 1], seed=1337, random_bias=True).parameters()] == drawn

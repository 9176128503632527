"""The scalar network's output, loss and gradients are those of PyTorch and of JAX."""

import jax
import jax.numpy as jnp
import pytest

from morelike.autograd import MLP, squared_error
from morelike.autograd.examples import FOUR_EXAMPLES

SIZES = [3, 4, 4, 1]


def scalar_network(seed):
    """Return the network, its loss on the four examples after `backward()`, and its parameters by layer as lists."""
    network = MLP(3, SIZES[1:], seed=seed)
    xs, ys = FOUR_EXAMPLES
    loss = squared_error([network(x) for x in xs], ys)
    loss.backward()
    layers = [
        ([[w.data for w in neuron.weights] for neuron in layer.neurons], [neuron.bias.data for neuron in layer.neurons])
        for layer in network.layers
    ]
    return network, loss, layers


def flat(layers):
    """Return numbers of layers in the order of `parameters()`: each neuron's weights, then its bias."""
    return [x for weights, biases in layers for row, bias in zip(weights, biases, strict=True) for x in [*row, bias]]


@pytest.mark.parametrize("seed", range(3))
def test_gradients_are_those_of_torch(torch, seed):
    network, loss, layers = scalar_network(seed)
    theirs = [tuple(torch.tensor(each, dtype=torch.float64, requires_grad=True) for each in layer) for layer in layers]
    h = torch.tensor(FOUR_EXAMPLES[0], dtype=torch.float64)
    for i, (weights, biases) in enumerate(theirs):
        h = h @ weights.T + biases
        h = torch.tanh(h) if i < len(theirs) - 1 else h
    expected = torch.nn.functional.mse_loss(h[:, 0], torch.tensor(FOUR_EXAMPLES[1], dtype=torch.float64))
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), abs=1e-12)
    gradients = flat([(weights.grad.tolist(), biases.grad.tolist()) for weights, biases in theirs])
    assert [p.grad for p in network.parameters()] == pytest.approx(gradients, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_gradients_are_those_of_jax(seed):
    network, loss, layers = scalar_network(seed)

    def mean_squared_error(layers):
        h = jnp.asarray(FOUR_EXAMPLES[0])
        for i, (weights, biases) in enumerate(layers):
            h = h @ weights.T + biases
            h = jnp.tanh(h) if i < len(layers) - 1 else h
        return jnp.mean((h[:, 0] - jnp.asarray(FOUR_EXAMPLES[1])) ** 2)

    with jax.enable_x64(True):
        arrays = [tuple(jnp.asarray(each) for each in layer) for layer in layers]
        expected, gradients = jax.value_and_grad(mean_squared_error)(arrays)
        found = flat([(weights.tolist(), biases.tolist()) for weights, biases in gradients])
    assert loss.data == pytest.approx(float(expected), abs=1e-12)
    assert [p.grad for p in network.parameters()] == pytest.approx(found, abs=1e-12)

"""The parts of training that are compiled by JAX: the engine, its mode, data, optimisers and gradients."""

from morelike.installation import require

require("jax")

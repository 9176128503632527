"""The panels of the live page: what each shows of a model at one step of its training, as plain values for JSON.

`registry.show(name, look, query)` returns the panel of this name. A panel reshapes what the library computes, and
computes nothing a second time. It needs NumPy alone: JAX is never imported.

- `words/`: words under the model, and words that it makes.
- `losses/`: losses, beside counts and other runs.
- `inside/`: embeddings, states, attention, gradients and health.
"""

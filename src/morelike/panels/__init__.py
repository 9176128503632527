"""The panels of the live page: what each shows of a model at one step of its training, as plain values for JSON.

`registry.show(name, look, query)` returns the panel of this name. `look.Background.of(plan)` prepares the list of a run
once, and `look.Look.of(background, weights, step)` is one look of it. A panel reshapes what the library computes, and
computes nothing a second time. It needs NumPy alone: JAX is never imported.

- `words/`: words under the model, and words that it makes.
- `losses/`: losses, compared with counts and with other runs.
- `inside/`: embeddings, states, attention, gradients and health.
"""

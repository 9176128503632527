"""All that knows JAX: the compiled engine, its mode, data, optimisers and gradients."""

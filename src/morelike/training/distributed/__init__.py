"""Training over several devices and processes, by `jax.distributed`."""

"""Sampling: the loop over `step` that generates lines, the filters on its logits, constraints, and search."""

"""Trained models in other forms: a page in one file, and models for other programs.

An exporter never repeats the mathematics of a model. `tracing` records what an architecture's `step` computes as a list
of few operations, and each format writes this list in its own way. `formats/` holds a file for each format.
"""

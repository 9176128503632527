"""Panels about the inside of a model: embeddings, states, attention, gradients, and health."""

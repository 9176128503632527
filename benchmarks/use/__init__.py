"""Trained models in use: cold commands, sampling, scoring, constraints, large lists."""

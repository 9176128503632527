"""Recipes: the published experiments, with the figures that they must reach."""

"""Runs that are broken on purpose, and mended."""

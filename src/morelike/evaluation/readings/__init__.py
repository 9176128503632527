"""Readings of a diagnosis: their guide lines, and the readings of what training changes."""

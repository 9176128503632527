"""Trained models over HTTP, on this machine alone unless told otherwise."""

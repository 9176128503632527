"""Trained models over HTTP; by default only this machine can reach them."""

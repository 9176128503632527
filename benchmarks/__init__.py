"""Measurements that anyone can repeat: `python -m benchmarks NAME` runs one, `--list` prints their names."""

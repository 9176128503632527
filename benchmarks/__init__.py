"""Measurements that anyone can repeat: `python -m benchmarks NAME` prints one, `--list` says which there are."""

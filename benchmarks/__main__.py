"""`python -m benchmarks NAME`: run one measurement and print it as JSON."""

from __future__ import annotations

import json
import sys
from importlib import import_module

from benchmarks.machine import machine

NAMES = ("mlp_loop", "deep_mlp_loop", "classify", "generation", "scoring", "scaling", "figures")


def main() -> None:
    """Run the measurement that is named."""
    if len(sys.argv) != 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python -m benchmarks NAME, with NAME among {', '.join(NAMES)}")
    print(json.dumps({"machine": machine(), **import_module(f"benchmarks.{sys.argv[1]}").measure()}, indent=2))


if __name__ == "__main__":
    main()

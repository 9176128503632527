"""`python -m benchmarks NAME...` prints measurements as JSON, `--list` prints the names, `--all` runs all."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

from benchmarks.harness.benchmark import find, names, record
from benchmarks.harness.table import RESULTS, write_page


def main() -> int:
    """Run the named benchmarks and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a benchmark")
    parser.add_argument("--list", action="store_true", help="print the names of all benchmarks")
    parser.add_argument("--all", action="store_true", help=f"run all, kept in {RESULTS.name} and docs/performance.md")
    parser.add_argument(
        "--keep", action="store_true", help="keep the named ones there too; without a name: write the page again"
    )
    parser.add_argument("--makemore", metavar="PATH", help="the makemore.py for the comparison")
    asked = parser.parse_args()
    if asked.makemore:
        os.environ["MORELIKE_MAKEMORE"] = asked.makemore
    if asked.list:
        print("\n".join(f"{name:20} {find(name).about}" for name in names()))
        return 0
    if unknown := [name for name in asked.names if name not in names()]:
        parser.error(f"no benchmark is called {unknown[0]}: the names are {', '.join(names())}")
    if asked.all or asked.keep:
        return _keep(names() if asked.all else asked.names)
    if not asked.names:
        parser.error("name a benchmark, or give --all")
    if len(asked.names) > 1:
        return _print_each(asked.names)
    found = record(asked.names[0])
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return 1 if "failed" in found else 0


def _print_each(chosen: list[str]) -> int:
    """Run each benchmark in a process of its own, which prints its figures; return 1 if one failed."""
    codes = [subprocess.run([sys.executable, "-m", "benchmarks", name], check=False).returncode for name in chosen]
    return int(any(codes))


def _keep(chosen: list[str]) -> int:
    """Run each in a process of its own and keep its result; return 1 if one failed."""
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
    failed = False
    for name in chosen:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks", name], stdout=subprocess.PIPE, text=True, check=False
        )
        try:
            results[name] = json.loads(done.stdout)
        except json.JSONDecodeError:
            print(f"{name}: ended without an answer", file=sys.stderr)
            failed = True
            continue
        failed |= "failed" in results[name]
        outcome = results[name].get("failed") or results[name].get("skipped") or "measured"
        print(f"{name}: {outcome}, {results[name]['seconds']:.0f} s", flush=True)
        RESULTS.write_text(json.dumps(dict(sorted(results.items())), indent=1, ensure_ascii=False) + "\n", "utf-8")
    write_page({name: results[name] for name in sorted(results) if name in names()})
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

# `make demo`, `make play` and `make test` need Python 3.11 or later, make and pip; they make .venv themselves.
PYTHON ?= python3
BIN := .venv/bin
WORKERS := -n 2 --dist loadfile
# Quick tests compile more than they compute, and start many processes, which want the modules compiled that are there.
# A tiny program without XLA's newer emitters of fused loops compiles in less than half the time.
QUICK := XLA_FLAGS="--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false $(XLA_FLAGS)"
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo play test test-parity test-browser test-all bench lint format clean

demo: .venv/.installed
	$(BIN)/morelike train names --quick

play: .venv/.play
	$(BIN)/morelike play $(LIST)

test: lint
	$(QUICK) $(BIN)/python -m pytest -q $(WORKERS) -m "not slow and not parity and not browser"

test-parity: .venv/.parity
	$(BIN)/python -m pytest -q $(WORKERS) -m parity

test-browser: .venv/.browser
	$(BIN)/python -m pytest -q -m "browser and not slow"

test-all: .venv/.dev .venv/.parity .venv/.browser .venv/.track lint
	$(BIN)/python -m pytest -q $(WORKERS) --timeout 1800 --hypothesis-profile thorough

bench: .venv/.parity
	$(BIN)/python -m benchmarks --all

lint: .venv/.dev
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: .venv/.dev
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache

# The environment is made once, and again only when pyproject.toml changes.
.venv/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "morelike needs Python 3.11 or later, this is " + sys.version.split()[0])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"  # the first that reads dependency groups
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/.play: .venv/.installed
	$(BIN)/python -m pip install --quiet --editable '.[serve]'
	touch $@

.venv/.dev: .venv/.installed
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

.venv/.track: .venv/.dev
	$(BIN)/python -m pip install --quiet --group track
	touch $@

# Chromium comes from the system; who may not install it there has these tests skipped. npm brings the type checker.
.venv/.browser: .venv/.dev
	$(BIN)/python -m pip install --quiet --group browser
	command -v chromium || test "$$(id -u)" != 0 || { apt-get update && apt-get install --yes chromium; } || echo "no Chromium"
	npm install --silent --no-save --no-audit --no-fund --prefix .venv typescript@5.9.3 || echo "no npm: types are not checked"
	touch $@

.venv/.parity: .venv/.dev
	$(BIN)/python -m pip install --quiet --group parity
	touch $@

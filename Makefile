# First Contact: two commands do everything on a fresh machine (Python 3.11+, pip, make): `make demo`, `make test`.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint faults bench screens

help:  ## what can be made here
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $(STAMP)

setup: $(STAMP)  ## .venv from the lock file

demo: setup  ## a whole partnership on this machine, with invented people
	@$(BIN)/firstcontact demo

test: setup  ## the whole test suite, with a seeded slice of each fault suite
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: setup  ## ruff, mypy in strict mode, the arrows between the parts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

faults: setup  ## the full fault suites (long)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m faults -o addopts="-q --strict-markers -p no:cacheprovider"

bench: setup  ## every figure of the bars, each against its peer in the same run
	$(BIN)/python -m bench

screens: setup  ## docs/screens/ rebuilt from the running programs
	$(BIN)/python -m tests.screens

# Each target makes the virtual environment it needs under .venv/ and installs the exact versions
# that requirements/ names. `make help` lists the targets.
#
#   PYTHON=3.12   the interpreter to use (a version, a name or a path) instead of those found
#   ARGS="..."    handed on to the program that the target runs

SCRIPTS_PYTHON := $(firstword $(shell command -v python3 python 2>/dev/null) python3)
CHOICE := $(if $(PYTHON),--python $(PYTHON))
RUN := $(SCRIPTS_PYTHON) scripts/environment.py $(CHOICE)

.DEFAULT_GOAL := help
.PHONY: help demo test soak lint format bench surface lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

demo: ## serve the ledger example and print what to try
	@$(RUN) example -m examples.ledger $(ARGS)

test: ## run the tests on every CPython >= 3.11 of this machine
	@$(SCRIPTS_PYTHON) scripts/run_tests.py $(CHOICE) -- $(ARGS)

soak: ## let faults loose on random graphs, real servers and parsers (ARGS="graphs --count 1000")
	@$(RUN) load -m tests.load $(ARGS)

lint: ## check style, formatting and types, those that users write too
	@$(RUN) lint -m ruff check .
	@$(RUN) lint -m ruff format --check .
	@$(RUN) lint -m mypy
	@$(RUN) lint -m pyright
	@$(RUN) lint -m pytest -q tests/typing

format: ## mend what ruff can mend
	@$(RUN) lint -m ruff check --fix .
	@$(RUN) lint -m ruff format .

bench: ## measure against other frameworks
	@$(RUN) bench benchmarks/run.py $(ARGS)

surface: ## compare FastAPI's public names and options with Tenure's, in docs/compatibility.md
	@$(RUN) lint scripts/surface.py $(ARGS)

lock: ## renew requirements/ after pyproject.toml has changed (ARGS=--upgrade: newest versions)
	@$(RUN) lock scripts/lock.py $(ARGS)

clean: ## remove the environments, caches and build results
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

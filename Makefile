# Everything here runs in a virtual environment of its own (.venv); nothing is installed elsewhere.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(VENV)/.dev: pyproject.toml
	@echo 'installing into $(VENV), about a minute the first time'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

check: $(VENV)/.dev  ## format, lint, types and imports; reads only
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.dev  ## fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

quick: $(VENV)/.dev  ## the tests that need neither broker nor browser nor cluster, in a minute; ARGS='-k windows'
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -m quick -n 5 --dist worksteal $(ARGS)

test: $(VENV)/.dev  ## every test that can run here; ARGS='-m kafka -x'
	$(BIN)/python -m pytest -n 2 --dist loadscope $(ARGS)

fuzz-sources: $(VENV)/.dev  ## damaged records of every source, for ten minutes; SECONDS=60
	$(BIN)/python -m tests.sources.fuzz $(or $(SECONDS),600)

forecast: $(VENV)/.dev  ## measure what each group of tests takes, for the first line of a run; ARGS='-m quick'
	$(BIN)/python -m pytest --write-forecast tests/forecast.json $(ARGS)

docs: $(VENV)/.dev  ## write the pages that are made from the code
	$(BIN)/python -m tests.docs.configuration

demo: $(VENV)/.dev  ## the pipeline on sample mail; BROKERS=host:9092 for a Kafka of yours, KEEP=1 to look around
	@$(BIN)/straymail demo $(if $(BROKERS),--brokers $(BROKERS)) $(if $(KEEP),--keep)

screenshots: $(VENV)/.dev  ## the pictures of docs/console.md; needs chromium and chromium-driver
	$(BIN)/python -m tests.console.screenshots

include bench/*.mk

.PHONY: help check fix quick test fuzz-sources forecast docs demo screenshots

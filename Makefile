# Everything a developer says to this repository. `make` alone lists the words.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
STEP := .ci/step
PO := $(shell find core plugins -name '*.po' 2>/dev/null)
RUN := .venv/run.stamp
TEST := .venv/test.stamp
ASSETS := core/web/static/vendor/versions.json
CATALOGUES := .venv/catalogues.stamp

# Many processes begin in a run of the tests: each reads what was compiled once, whatever the surroundings prefer.
unexport PYTHONDONTWRITEBYTECODE

# Databases of tests live and die in memory where there is room; a clone takes a tenth of the time there.
SCRATCH = $(shell test "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 2>/dev/null \
	&& echo /dev/shm || echo "$${TMPDIR:-/tmp}")

# One more than there are cores: many a test waits for a server, a browser or a database.
WORKERS = $(shell expr "$$(nproc)" + 1)

.PHONY: help setup demo test lint format bench messages lock assets pictures soak wheel clean

help: ## list these words
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(TEST) $(ASSETS) $(CATALOGUES) ## all a developer needs: .venv from the lock files, assets, catalogues

demo: $(RUN) $(ASSETS) $(CATALOGUES) ## try the product with made-up data in a browser
	@ZHANGGUI_DATA_DIR="$(CURDIR)/var" $(BIN)/zhanggui demo --serve

test: setup ## the only gate: lint, then every test
	@.ci/machine
	@$(MAKE) --no-print-directory lint
	@TMPDIR=$(SCRATCH) $(STEP) "Tests" $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(PYTEST)

lint: setup ## style, format, types and layers
	@$(STEP) "ruff check" $(BIN)/ruff check --quiet .
	@$(STEP) "ruff format" $(BIN)/ruff format --check --quiet .
	@$(STEP) "mypy --strict" $(BIN)/mypy --strict --no-error-summary $(wildcard core plugins tests benchmarks)
	@$(STEP) "lint-imports" $(BIN)/lint-imports --no-logo

format: setup ## let ruff put the sources in order
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

bench: setup ## measure; the figures in docs come from here
	@.ci/machine
	@$(BIN)/python -m benchmarks $(BENCH)

soak: setup ## the random walks of `make test` at length, an hour or so (WALKS=40 for longer)
	@.ci/machine
	@TMPDIR=$(SCRATCH) ZHANGGUI_SOAK=$(or $(WALKS),10) $(BIN)/python -m pytest -n $$(nproc) --dist load \
	    tests/scenarios tests/core/test_api_contract.py $(PYTEST)

pictures: setup ## the screenshots of the documentation
	@.ci/machine
	@$(BIN)/python docs/pictures.py

messages: setup ## bring the translation catalogues up to date with the sources
	@$(BIN)/python -m core.build messages

assets: $(ASSETS) ## copy scripts, styles and icons for the pages

wheel: setup ## build the distribution, with assets and catalogues inside
	@$(BIN)/python -m hatchling build

lock: $(RUN) ## resolve the dependencies anew (LOCK=--upgrade for newer releases)
	@.ci/lock $(LOCK)

clean: ## remove all that was made
	@rm -rf .venv node_modules build dist core/web/static/vendor .mypy_cache .ruff_cache .pytest_cache \
	    .hypothesis .import_linter_cache
	@find benchmarks core docs plugins tests -name __pycache__ -prune -exec rm -rf {} + -o -name '*.mo' -exec rm -f {} +

$(RUN): requirements.lock .ci/bootstrap.lock .ci/python pyproject.toml
	@PYTHON=$(PYTHON) .ci/python requirements.lock
	@touch $@

$(TEST): $(RUN) requirements-test.lock
	@PYTHON=$(PYTHON) .ci/python requirements-test.lock
	@touch $@

node_modules/.stamp: package.json package-lock.json .ci/npm | $(RUN)
	@$(STEP) "Front-end packages" .ci/npm ci --silent
	@touch $@

$(ASSETS): node_modules/.stamp core/web/icons.txt core/web/assets.py
	@$(STEP) "Assets for the pages" $(BIN)/python -m core.web.assets

$(CATALOGUES): $(PO) core/build.py | $(RUN)
	@$(STEP) "Translations" $(BIN)/python -m core.build
	@touch $@

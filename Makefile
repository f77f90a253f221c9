# Every command of the project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup run reindex search-up test check schema migrate explorer bench bench-search stress
SHELL := /bin/bash

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadgroup
SEARCH_PORT := 9200
INSTALLED := .venv/installed
INSTALLED_DEV := .venv/installed-dev

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED_DEV) ## make .venv with everything, as pinned in requirements-dev.txt

run: $(INSTALLED) ## start the whole shop on http://127.0.0.1:8000
	@$(BIN)/python app.py

search-up: $(INSTALLED) ## start Elasticsearch on http://127.0.0.1:9200, or SEARCH_PORT=9201
	@$(BIN)/python -m deploy.elasticsearch --port $(SEARCH_PORT)

test: setup ## run every test (real PostgreSQL, Valkey, Elasticsearch and browser)
	@tools/install_system.sh
	@$(BIN)/python -m deploy.explorer || [ "$$CI" != true ]
	@$(BIN)/python -m deploy.elasticsearch.build || [ "$$CI" != true ]
	@$(PYTEST)

check: setup ## formatting, lint, types, and who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

schema: setup ## write schema/schema.graphql and docs/PERMISSIONS.md anew
	@$(BIN)/python -m tools.export_schema
	@$(BIN)/python -m tools.export_permissions

reindex: $(INSTALLED) ## make what search knows anew, while the shop runs
	@$(BIN)/python -m tools.reindex

migrate: $(INSTALLED) ## bring the database at DATABASE_URL to the newest tables
	@$(BIN)/python -m alembic upgrade head

explorer: $(INSTALLED) ## build GraphiQL, the page for browsers
	@$(BIN)/python -m deploy.explorer

bench: setup ## measure, and print one table
	@$(BIN)/python -m bench

bench-search: setup ## how well search finds what shoppers mean, on both engines
	@$(BIN)/python -m bench.search

stress: setup ## thousands of random operations, and an import of 100,000 rows
	@EXAMPLES=5000 IMPORT_ROWS=100000 $(PYTEST) -k "parity or large_file"

.venv/bin/python:
	@tools/make_venv.sh

$(INSTALLED): requirements.txt | .venv/bin/python
	@echo "Installing the packages of requirements.txt …"
	@$(PIP) -r requirements.txt
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt | .venv/bin/python
	@echo "Installing the packages of requirements-dev.txt …"
	@$(PIP) -r requirements-dev.txt
	@touch $(INSTALLED) $@

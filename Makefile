# Everything runs inside .venv, which these targets make for themselves: Python 3.11 or newer, make and PyPI are enough.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# uv trusts only its own certificates unless told; behind a company's proxy that is not enough.
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1
export UV_PROJECT_ENVIRONMENT := $(VENV)
export PYTHONUNBUFFERED := 1
# Without compiled files every process would spend two seconds compiling.
unexport PYTHONDONTWRITEBYTECODE

MANAGE := $(BIN)/python manage.py
ARGS ?=

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): uv.lock pyproject.toml scripts/find-python
	@python="$$(scripts/find-python)"; \
	if ! [ -x $(BIN)/python ]; then echo "Making $(VENV) with $$python"; "$$python" -m venv --clear $(VENV); fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(BIN)/uv sync --frozen --all-extras --inexact --quiet
	@touch $@

.PHONY: install
install: $(READY) ## Make .venv with everything in it
	@true

.PHONY: demo
demo: install ## Start everything, sell over real HTTP, break things, show what came of it
	@$(MANAGE) demo $(ARGS)

.PHONY: test
test: install ## Run all tests (ARGS="-k word" for some); brings Chromium where it may
	@scripts/chromium >/dev/null || true
	@$(BIN)/pytest -n 3 --dist loadgroup --no-loadscope-reorder $(ARGS)

.PHONY: screens
screens: install ## Look at every screen in light and dark, and leave a picture of each in .local/screens
	@scripts/chromium >/dev/null
	@SCREENS=.local/screens $(BIN)/pytest -q tests/browser/test_screens.py tests/browser/test_review_queue.py -k accessible -o faulthandler_timeout=0 $(ARGS)
	@echo "Pictures of every screen: .local/screens"

.PHONY: run
run: install ## Run the whole stack until Ctrl-C
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) seed
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/honcho start --port 8000 $(ARGS)

.PHONY: check
check: install ## Lint, types, imports, contracts, migrations, production settings
	@scripts/check

.PHONY: contracts
contracts: install ## Export the contracts and check them with the official tools (needs the npm registry once)
	@scripts/check-exports

.PHONY: bench
bench: install ## Measure against the floor and the peers
	@SHOP_DB=shop_bench DEBUG=0 LOG_LEVEL=WARNING $(MANAGE) bench $(ARGS)

.PHONY: migrate
migrate: install ## Bring the development database up to date
	@$(MANAGE) migrate

.PHONY: shell
shell: install ## Open a Python shell with the models in it
	@$(MANAGE) shell

.PHONY: format
format: install ## Let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: services
services: install ## Say where the embedded Postgres and Valkey are
	@$(MANAGE) services status

.PHONY: clean
clean: ## Stop the embedded servers, remove their data, .venv and all caches
	@if [ -x $(BIN)/python ]; then $(MANAGE) services reset --yes || true; fi
	@rm -rf $(VENV) .local .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis staticfiles
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

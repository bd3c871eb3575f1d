# make run    builds the demonstration docket and serves it
# make help   lists the rest
PORT ?= 8000
DATA ?= data/demo
WORKERS ?= 2

BIN := .venv/bin
data := $(patsubst %/,%,$(DATA))

.DEFAULT_GOAL := help
.PHONY: help run test test-full check format bench lock set-up set-up-tests

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  PORT=8000 and DATA=data/demo choose the port and the data folder of make run."

# The docket is built beside its place and moved there when it is whole, so that a broken-off build is never served.
run: set-up ## Set up, build the demonstration docket once, and serve it on http://localhost:8000
	@if [ -z "$$(ls -A '$(data)' 2>/dev/null)" ]; then \
		rm -rf '$(data).building' && mkdir -p '$(data).building' \
		&& $(BIN)/review demo --data '$(data).building' \
		&& { rmdir '$(data)' 2>/dev/null || true; } \
		&& mv '$(data).building' '$(data)'; \
	fi
	@exec $(BIN)/review serve --data '$(data)' --port $(PORT)

test: check ## Set up, check, and run the tests of the fast lane
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow"

test-full: check ## The same with the long tests: many random steps, big files
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: set-up-tests ## Lint, formatting, types, import rules, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet --allow-empty-input templates
	@if $(BIN)/review rules lint --help >/dev/null 2>&1; then echo "$(BIN)/review rules lint"; $(BIN)/review rules lint; fi

format: set-up-tests ## Put the code into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: set-up-tests ## Measure speed and size, as ratios against a floor in the same run
	$(BIN)/python -m bench

lock: set-up-tests ## Make the lock files again
	.ci/lock

set-up:
	@.ci/set-up run

set-up-tests:
	@.ci/set-up test

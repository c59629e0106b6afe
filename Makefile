# Each target works in a fresh clone: it first installs what it needs of uv.lock into .venv.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
UV_VERSION := 0.13.9
BIN := .venv/bin
# Two stamps: `running` has the packages that run the application and its stores, `installed` all of them.
RUNNING := .venv/running
INSTALLED := .venv/installed
IN_PARALLEL := --numprocesses 3 --dist loadfile --no-loadscope-reorder
# Named files run in one process, since three would each collect them and start stores of their own.
TESTS = $(if $(FILE),$(if $(findstring ::,$(FILE)),,-m "not long") $(FILE),-m "not long" $(IN_PARALLEL)) $(ARGS)

# uv does not read pip's settings; where the machine gives pip an index, uv is to use it too.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

# What Python compiled is kept, whatever the shell says: the tests start it again and again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up reset test test-engine-off test-long check format-check lint types imports sdl-check lock-check audit pin-images bench chaos format sdl lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(RUNNING) ## everything on this machine, with demo data; PORT=9000; EPHEMERAL=1 keeps no data; Ctrl-C stops it
	$(BIN)/python app.py $(if $(PORT),--port $(PORT)) $(if $(filter-out 0,$(EPHEMERAL)),--ephemeral)

reset: $(RUNNING) ## removes the data that `make up` keeps
	$(BIN)/python app.py --reset

test: $(INSTALLED) ## the test suite on real stores; FILE=tests/core/test_ids.py for one file, ARGS="-k name" goes to pytest
	$(BIN)/python -m pytest $(TESTS)

test-engine-off: $(INSTALLED) ## the test suite with graphql-core in the place of compiled execution
	ROOKERY_ENGINE=off $(BIN)/python -m pytest $(TESTS)

test-long: $(INSTALLED) ## the tests that take minutes
	$(BIN)/python -m pytest -m long $(FILE) $(ARGS)

check: format-check lint types imports sdl-check lock-check ## formatting, lint, types, import rules, SDL, contract, lock

format-check: $(INSTALLED)
	$(BIN)/ruff format --check

lint: $(INSTALLED)
	$(BIN)/ruff check

types: $(INSTALLED)
	$(BIN)/mypy

imports: $(INSTALLED)
	$(BIN)/lint-imports --no-logo

sdl-check: $(INSTALLED)
	$(BIN)/python -m schema.compatibility
	$(BIN)/python -m tools.clients --check

lock-check: $(INSTALLED)
	$(BIN)/python tools/lock.py --check

audit: $(INSTALLED) ## known holes in what is installed and shipped, as the registries tell; says what they do not
	$(BIN)/python -m tools.audit

pin-images: ## asks the registries for the digests of the images of docker/, and writes them to docker/.env
	$(PYTHON) tools/pin_images.py

bench: $(INSTALLED) ## the benchmarks, as one table
	$(BIN)/python -m bench

chaos: $(INSTALLED) ## breaks a cluster under load, ROUNDS=20 times each way; FAULTS="api redis" for some; needs HAProxy
	$(BIN)/python -m bench.chaos $(FAULTS) $(if $(ROUNDS),--rounds $(ROUNDS))

format: $(INSTALLED) ## formats the code and repairs what lint can repair
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

sdl: $(INSTALLED) ## writes the SDL of the code to schema/schema.graphql, unless it breaks clients, and the clients' types
	$(BIN)/python -m schema.compatibility --write
	$(BIN)/python -m tools.clients

lock: $(INSTALLED) ## brings uv.lock up to date with pyproject.toml; UPGRADE=1 takes newer versions too
	$(BIN)/python tools/lock.py $(if $(UPGRADE),--upgrade)

clean: ## removes what the other targets made, .venv included
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Adds packages and removes none: what `installed` holds beside them stays.
$(RUNNING): uv.lock
	$(call install,install --requirements,--no-default-groups --group embedded)
	@touch $@

$(INSTALLED): uv.lock
	$(call install,sync)
	@touch $(RUNNING) $@

# The command of `uv pip`, and the options that choose groups of uv.lock (all of them without any).
define install
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and there is none on PATH." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv export --frozen $(2) --no-emit-project --no-header --no-annotate --quiet --output-file $@.txt
	VIRTUAL_ENV=.venv $(BIN)/uv --quiet pip $(1) $@.txt --require-hashes
endef

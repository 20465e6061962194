# Every verb of the project. `make` alone lists them.
#
# The first run of a verb makes .venv; later runs find it ready. With an environment of your
# own: make check VENV=~/envs/cloud SETUP=true

VENV   ?= .venv
SETUP  ?= scripts/setup.sh
# Two workers; each test file stays on one of them, in the order of tests/conftest.py. A worker
# that dies ends the run: a new one in its place would leave the run waiting for ever.
# PYTEST_ARGS="-n 0 -k alert" for a closer look.
WORKERS     ?= 2
PYTEST_ARGS ?=

PYTHON = $(VENV)/bin/python
PYTEST = $(PYTHON) -m pytest

export VENV

.DEFAULT_GOAL := help
.PHONY: help demo test campaign check format docs bench clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## set up, then run the whole cloud on a throw-away folder with sample patients
	@$(SETUP) run
	@$(VENV)/bin/imaging-cloud demo

test: ## set up (system packages included when root), then run all tests
	@$(SETUP) test
	@scripts/system-packages.sh
	@$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
	    --max-worker-restart 0 $(PYTEST_ARGS)

# What waits (outages, starts) side by side, a worker and servers for each; then the rest. pytest
# ends with 5 where PYTEST_ARGS leaves nothing to run: of one of the two it may.
CAMPAIGN = $(PYTEST) --durations=0 --durations-min=1

campaign: ## kill the cloud at many points and prove that nothing acknowledged was lost (long)
	@$(SETUP) test
	@scripts/system-packages.sh
	@CAMPAIGN_LANES=1 $(CAMPAIGN) -m "campaign and waits" -n 8 -rP $(PYTEST_ARGS); waits=$$?; \
	    $(CAMPAIGN) -m "campaign and not waits" -n 0 -s $(PYTEST_ARGS); rest=$$?; \
	    case $$waits$$rest in 00|05|50) ;; *) exit 1 ;; esac

check: ## lint, format, types, import rules, and what the project says about itself
	@$(SETUP) test
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PYTEST) tests/house --ignore tests/house/test_tools.py

format: ## put imports and layout in order
	@$(SETUP) test
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

docs: ## rewrite the tables that repeat what the code says
	@$(SETUP) test
	$(PYTHON) scripts/write_tables.py

# Those that write their tables into docs/benchmarks.md, and those that only print them.
BENCHMARKS ?= ingest growth derivation viewer order_check
PRINTED    ?= association idle exam_meaning
BENCH_ARGS ?= --write

bench: ## measure this machine against its peers; tables into docs/benchmarks.md (an hour)
	@$(SETUP) test
	@scripts/system-packages.sh
	@scripts/newest-orthanc.sh
	@for each in $(BENCHMARKS); do \
	    echo "== $$each"; $(PYTHON) -m benchmarks.$$each $(BENCH_ARGS) || exit 1; done
	@for each in $(PRINTED); do \
	    echo "== $$each"; $(PYTHON) -m benchmarks.$$each || exit 1; done

clean: ## remove .venv and caches; data is never touched
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

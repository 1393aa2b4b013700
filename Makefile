# Each target sets up what it needs. `make help` lists them.

PORT ?= 8501
# Only this machine can open the front end; for an intranet: ADDRESS=0.0.0.0
ADDRESS ?= 127.0.0.1
POLICY ?= policies/wuxi-2023/policy.xlsx
# An interpreter of your choice: make PYTHON=/path/to/python3.12 (after `make clean`, if .venv exists)
PYTHON ?=

CANDIDATES := $(or $(PYTHON),python3.12 python3.11 python3 python)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# `make run` is content with the runtime set, and takes the larger one where it is there already.
SET := $(if $(wildcard .venv/.locked-dev),dev,runtime)
LOCKED := .venv/.locked-dev .venv/.locked-runtime
READY := .venv/.ready-dev .venv/.ready-runtime

.PHONY: run test bench lock clean help
.DEFAULT_GOAL := help

run: .venv/.ready-$(SET)  ## open the front end on a policy workbook (PORT=8501 POLICY=policies/…/policy.xlsx)
	TIAOLI_POLICY="$(POLICY)" $(BIN)/streamlit run streamlit_app.py \
		--server.address "$(ADDRESS)" --server.port "$(PORT)" \
		--server.headless true --browser.gatherUsageStats false

test: .venv/.ready-dev  ## lint, format, types, import directions, tests; stops at the first that fails
	@echo "== ruff check"; $(BIN)/ruff check
	@echo "== ruff format --check"; $(BIN)/ruff format --check
	@echo "== mypy"; $(BIN)/mypy
	@echo "== lint-imports"; $(BIN)/lint-imports --no-logo
	@echo "== pytest"; $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

bench: .venv/.ready-dev .venv-bench/.ready  ## measure, beside openpyxl, zen-engine and pyDMNrules
	$(BIN)/python -m bench

# uv reads its own settings, not pip's: behind a mirror set UV_DEFAULT_INDEX.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(if $(UPGRADE),--upgrade)

lock: .venv-lock/.ready  ## make the locks again, keeping versions that still fit (UPGRADE=1 takes the newest)
	.venv-lock/bin/$(COMPILE) requirements/uv.in -o requirements/uv.txt
	.venv-lock/bin/$(COMPILE) requirements/build.in -o requirements/build.txt
	.venv-lock/bin/$(COMPILE) pyproject.toml -o requirements/runtime.txt
	.venv-lock/bin/$(COMPILE) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	.venv-lock/bin/$(COMPILE) requirements/bench.in -o requirements/bench.txt

clean:  ## remove the environments and all caches
	rm -rf .venv .venv-lock .venv-bench build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 8

# Hashes are checked only on what is installed, hence an empty environment each time a lock changes. They do
# not cover isolated build environments, hence the build tools first and --no-build-isolation after.
$(LOCKED): .venv/.locked-%: requirements/build.txt requirements/%.txt
	@requirements/new-environment.sh .venv $(CANDIDATES)
	@echo "== install requirements/$*.txt"
	@$(PIP) install --quiet --require-hashes -r requirements/build.txt
	@$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements/$*.txt
	@touch $@

$(READY): .venv/.ready-%: .venv/.locked-% pyproject.toml
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(PIP) check || { echo "The locks are older than pyproject.toml: make lock / 锁文件已过期，请运行 make lock" >&2; exit 1; }
	@touch $@

.venv-bench/.ready: requirements/build.txt requirements/bench.txt
	@requirements/new-environment.sh .venv-bench $(CANDIDATES)
	@.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/build.txt
	@.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-build-isolation -r requirements/bench.txt
	@touch $@

.venv-lock/.ready: requirements/uv.txt
	@requirements/new-environment.sh .venv-lock $(CANDIDATES)
	@.venv-lock/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

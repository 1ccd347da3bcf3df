# Two commands are all that a stranger needs: `make run` and `make test`.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install -c constraints.txt
PACKAGES := model serving training

.PHONY: run demo test lint types imports check-data pytest bundle bench clean

run: .venv/base  ## Install what serving needs, serve, print the address.
	$(BIN)/replywise serve

demo: .venv/base  ## Fill a store with a month of simulated traffic, and serve it.
	$(BIN)/replywise demo --replies data/replies_test.csv

test: .venv/all lint types imports check-data pytest  ## Everything that CI runs.

lint: .venv/all
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/all
	$(BIN)/mypy $(PACKAGES) benchmarks tests

imports: .venv/all
	$(BIN)/lint-imports

check-data: .venv/all
	set -o pipefail; $(BIN)/replywise check data/replies.csv data/optout_cases.csv \
		--against data/replies_test.csv | tail -n 2
	set -o pipefail; $(BIN)/replywise check data/replies_test.csv --against data/replies.csv | tail -n 1

pytest: .venv/all
	$(BIN)/pytest -n 2 --dist loadfile
	$(BIN)/pytest --nbmake notebooks --override-ini filterwarnings=default

bundle: .venv/all  ## Tune the encoder in folds and make the bundle that ships; half an hour.
	$(BIN)/replywise train data/replies.csv --deep --encoder base \
		--out model/default --report replywise-data/report.html
	$(BIN)/python -m training.base_sentiment data/replies.csv

bench: .venv/all  ## Measure, print, and write BENCHMARKS.md.
	$(BIN)/python -m benchmarks.run

clean:
	rm -rf .venv build dist replywise-data .mypy_cache .ruff_cache .pytest_cache

.venv/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; none was found." >&2; exit 2; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/base: .venv/made pyproject.toml constraints.txt
	$(PIP) -e .
	@touch $@

.venv/all: .venv/made pyproject.toml constraints.txt
	$(PIP) -e '.[train,dev]'
	@touch $@ .venv/base

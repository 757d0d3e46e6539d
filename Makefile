# Needs only Python (3.11 or newer), make and a package index. Everything lands in .venv and .demo.
PYTHON ?= python3
VENV := .venv
JOBS ?= 2
BIN := $(VENV)/bin
unexport PYTHONDONTWRITEBYTECODE # every command would compile anew all that it imports

.PHONY: demo test check bench pictures lock clean

demo: $(VENV)/.runtime ## a synthetic city with its server; RESET=1 makes it anew
	$(BIN)/xinyi demo $(if $(RESET),--reset)

test: $(VENV)/.dev ## all tests, on SQLite and on a PostgreSQL and a Valkey that they start themselves
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(TESTS)

check: $(VENV)/.dev ## format, lint, types, dependency direction, schema against models
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	folder=$$(mktemp -d) && trap "rm -r $$folder" EXIT && export XINYI_DATABASE_URL=sqlite://$$folder/check.sqlite3 && \
	  $(BIN)/xinyi migrate && $(BIN)/xinyi migrate check

bench: $(VENV)/.dev ## ratios against baselines of the same run, also as JSON in bench-results.json
	$(BIN)/python tests/bench

pictures: $(VENV)/.dev ## the pictures of the README, from a running demo
	$(BIN)/python tests/browser/screenshots.py

lock: $(VENV)/.uv ## pin every dependency with its hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --build-constraints build-constraints.txt pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --build-constraints build-constraints.txt --group dev pyproject.toml -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) .demo

$(VENV)/.uv: requirements-uv.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	touch $@

$(VENV)/.runtime: requirements.txt build-constraints.txt pyproject.toml $(VENV)/.uv
	$(BIN)/uv pip install --quiet --build-constraints build-constraints.txt --require-hashes -r requirements.txt
	$(BIN)/uv pip install --quiet --no-deps -e .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/uv pip install --quiet --build-constraints build-constraints.txt --require-hashes -r requirements-dev.txt
	touch $@

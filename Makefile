# Everything a person or CI runs. `make help` lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# One more than cores: the tests wait for processes too.
WORKERS := -n 3 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup engine demo test fast docs pictures lint types bench faults lowest pythons strict package audit clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[emulator]' --group dev
	@touch $@

setup: $(VENV)/.ready ## make .venv with the package and its tools

engine: setup ## get a working `pulumi`, once per machine
	$(BIN)/python -m engine

demo: engine ## upgrade a database in its window, on a real engine and the bundled page (KEEP=1 leaves it up)
	$(BIN)/python -m demo $(if $(KEEP),--keep)

# Compiled once: each of the hundreds of Python processes of a test run would do it again.
unexport PYTHONDONTWRITEBYTECODE

test: engine lint types ## every test, the real engine included
	$(BIN)/python -m pytest $(WORKERS)

# Of what is generated or crossed, fewer than `make test` tries: HISTORIES=1000 and its like try more, SERVICES=2 each
# cell of the tables on both kinds of a service.
FEWER := HISTORIES=$(or $(HISTORIES),12) TRUST=$(or $(TRUST),20) SLOTS=$(or $(SLOTS),12) SERVICES=$(or $(SERVICES),1)

fast: setup ## every test but those on the real engine
	$(FEWER) $(BIN)/python -m pytest $(WORKERS) -m "not engine"

docs: setup ## write the parts of docs and docstrings that are made from the source
	$(BIN)/python -m reference

pictures: engine ## the pictures of the README, of the program that it shows (needs npm and chromium)
	@npm install --silent --no-fund --no-audit --prefix .pictures \
		mermaid@11 marked@18 marked-alert@2 github-markdown-css@5
	$(BIN)/python -m pictures

lint: setup ## style, imports, common mistakes; docs that `make docs` would change
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/python -m reference --check

types: setup ## strict types, those of the examples too
	$(BIN)/mypy
	$(BIN)/mypy __main__.py tests/strict/typed.py
	@for folder in $(dir $(wildcard examples/*/__main__.py)); do MYPYPATH=$$folder $(BIN)/mypy $$folder || exit 1; done

bench: engine ## how fast the pure parts and runs are, as ratios within one run (WRITE=1 writes docs/performance.md)
	$(BIN)/python -m benchmarks $(if $(WRITE),--write)

faults: engine ## runs that are killed and lose answers, judged by page and mail (SEEDS=50 schedules from FIRST=0)
	$(BIN)/python -m faults --count $(or $(SEEDS),50) --first $(or $(FIRST),0)

lowest: ## every test but those on the real engine, with the lowest versions that are allowed
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct \
		--editable '.[emulator,summary]' --group dev
	.venv-lowest/bin/python -m pytest $(WORKERS) -m "not engine"

pythons: ## every test but those on the real engine, with each Python from 3.10 on that is on PATH
	@for python in python3.10 python3.11 python3.12 python3.13 python3.14; do \
		$$python --version 2>/dev/null || continue; \
		$(MAKE) fast PYTHON=$$python VENV=.venv-$$python || exit 1; done

strict: ## mypy and pyright on the examples and on a program of AWS resources, which then runs under mocks
	$(PYTHON) -m venv .venv-strict
	.venv-strict/bin/python -m pip install --quiet uv
	.venv-strict/bin/uv pip install --quiet --python .venv-strict/bin/python --editable . --group dev \
		pulumi-aws pulumi-pulumiservice pyright
	@for folder in $(sort $(dir $(wildcard examples/*/*.py))) tests/strict/aws/; do \
		echo $$folder; MYPYPATH=$$folder .venv-strict/bin/mypy $$folder || exit 1; done
	.venv-strict/bin/mypy __main__.py tests/strict/typed.py
	.venv-strict/bin/pyright --pythonpath .venv-strict/bin/python __main__.py examples tests/strict
	.venv-strict/bin/python -m pytest -q tests/strict

package: setup ## the wheel and the source archive, in dist, as an index takes them
	$(BIN)/python -m pip install --quiet build twine
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/python -m twine check --strict dist/*
	$(BIN)/python -m pytest -q tests/packaging

audit: setup ## known faults of what is installed here, as the package index tells them
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/python -m pip_audit --skip-editable

clean: ## remove what the targets made here (the engine stays in the user's cache)
	rm -rf $(VENV) .venv-* .demo .pictures .pytest_cache .mypy_cache .ruff_cache dist

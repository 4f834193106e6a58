# Two commands: `make demo` sets everything up and runs the main job; `make test` sets everything up and runs every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
DEMO ?= colorlab-demo
SECONDS ?= 60
FORMATS ?=
export MPLBACKEND := Agg

.PHONY: demo test lock benchmarks fuzz clean

demo: $(STAMP)
	$(BIN)/colorlab demo $(DEMO)

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto

benchmarks: $(STAMP)
	for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

# Every reader, or FORMATS="qtx cxf", for SECONDS each, from our samples and the real files beside the checkout.
fuzz: $(STAMP)
	$(BIN)/python tests/fuzz/campaign.py --seconds $(SECONDS) --data ../shared/data $(FORMATS)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "colorlab needs Python 3.11 or newer; found " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Rewrites the lock: exact versions and hashes, no download address.
lock:
	$(PYTHON) -m venv .venv/lock-tool
	.venv/lock-tool/bin/pip install --quiet uv
	.venv/lock-tool/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev pyproject.toml --output-file requirements.lock
	@! grep -n '://' requirements.lock

clean:
	rm -rf $(VENV) $(DEMO) .mypy_cache .pytest_cache .ruff_cache .hypothesis fuzz-findings

# Two commands do everything on a machine with python3 (3.11 to 3.13, with venv) and make: make demo, make test.
# make check and make fuzz are for who changes the code. All of them create .venv once, and again when its inputs change.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
WORKERS ?= 2
# how long make fuzz draws examples
SECONDS ?= 300

# Python keeps what it compiled, whatever the environment says: without that, each start of the command compiles anew
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test fuzz check format clean

demo: $(VENV)/.demo
	$(BIN)/raw2adam demo --out demo

# The tests of one file run on one worker: they share what the file builds. The same examples are drawn at every run.
# All modules are compiled once, before the workers start.
test: $(VENV)/.test
	@$(BIN)/python -m compileall -q -j $(WORKERS) -x '/(\.venv|demo|build)/' .
	$(BIN)/python tests/tools/run_suite.py --workers $(WORKERS)

# Property tests draw new examples until SECONDS are over; a failing example is printed with the command that replays it.
fuzz: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) --hypothesis-profile=fuzz --fuzz-seconds=$(SECONDS)

check: $(VENV)/.check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/python tests/tools/frame_verbs.py
	$(BIN)/python tests/tools/literal_cases.py --missing
	$(BIN)/python -m raw2adam.pages.spec_reference --check docs/spec-reference.md
	$(BIN)/python -m raw2adam.pages.findings --check docs/findings.md
	$(BIN)/python -m raw2adam.pages.adam_inputs --check docs/adam-inputs.md
	$(BIN)/python -m raw2adam.pages.cli_reference --check docs/cli.md
	$(BIN)/python -m raw2adam.pages.conformance_rules --check docs/conformance-rules.md
	$(BIN)/python -m raw2adam.pages.compiled_rules --check conformance/rules.json

format: $(VENV)/.check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m raw2adam.pages.spec_reference docs/spec-reference.md
	$(BIN)/python -m raw2adam.pages.findings docs/findings.md
	$(BIN)/python -m raw2adam.pages.adam_inputs docs/adam-inputs.md
	$(BIN)/python -m raw2adam.pages.cli_reference docs/cli.md
	$(BIN)/python -m raw2adam.pages.conformance_rules docs/conformance-rules.md
	$(BIN)/python -m raw2adam.pages.compiled_rules conformance/rules.json

clean:
	rm -rf $(VENV) demo build dist *.egg-info

$(VENV)/.made: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "raw2adam needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is another one or is not there."; \
	  echo "Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot create a virtual environment: its modules venv and ensurepip are missing."; \
	  echo "On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	$(PIP) -e .
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	$(PIP) -e '.[test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.check: $(VENV)/.made pyproject.toml
	$(PIP) -e '.[test,check]'
	@touch $@ $(VENV)/.test $(VENV)/.demo

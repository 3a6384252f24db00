# `make run` and `make test` are the whole set-up: Python 3.12 or newer and make are enough.

VENV := .venv
BIN := $(VENV)/bin
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 12))
# The first of these that is new enough: what .python-version says, or what there is.
PYTHON ?= $(shell for p in python3 python3.12 python3.13 python3.14; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes
# One test process per core, two at most: each has a database, a Redis and workers of its own.
TEST_PROCESSES ?= 2
# Where the checks look at the settings, nothing needs to run.
NO_SERVERS := DATABASE_URL=postgres://nowhere/none REDIS_URL=redis://nowhere SECRET_KEY=none

# The linter of scripts and style sheets: npm's package brings its binary, and nothing is built.
BIOME_VERSION := 2.6.8
BIOME_PLACE := $(VENV)/biome
BIOME := $(BIOME_PLACE)/node_modules/.bin/biome

.PHONY: run test test-guards chaos check format bench viewers lock clean

run: $(VENV)/installed
	@$(BIN)/python -m flightbooking.local.supervisor

# The tests start some fifty processes, which find their modules compiled, whatever the shell says.
test test-guards: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) $(ARGS)

# Are the tests able to fail? Takes out one guard after the other, in copies of the source.
test-guards: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) tests/proof/guards.py $(ARGS)

# Everything that can break does, under load: ARGS="--seconds 60 --seed 1 --redis-off"
chaos: $(VENV)/installed-dev
	@$(BIN)/python -m tests.proof.chaos $(ARGS)

check: $(VENV)/installed-dev $(BIOME_PLACE)/$(BIOME_VERSION)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(NO_SERVERS) $(BIN)/mypy .
	$(TEMPLATES) $(BIN)/djade --check $(DJADE)
	$(BIOME) check --error-on-warnings
	VAR_DIR=var/test $(BIN)/python manage.py makemigrations --check --dry-run

# Writes what `check` asks for.
format: $(VENV)/installed-dev $(BIOME_PLACE)/$(BIOME_VERSION)
	$(BIN)/ruff format .
	-$(TEMPLATES) $(BIN)/djade $(DJADE)
	$(BIOME) format --write

TEMPLATES = git ls-files -z -- '*.html' | xargs -0 -r
DJADE = --target-version 6.1

bench: $(VENV)/installed-dev
	@$(BIN)/python -m tests.load.bench $(ARGS)

# How many open seat maps one web process serves, and how soon they know.
viewers: $(VENV)/installed-dev
	@$(BIN)/python -m tests.load.viewers $(ARGS)

# Give ARGS=--upgrade to take newer versions.
lock: $(VENV)/installed-dev
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --output-file requirements-dev.txt

LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.12 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(ARGS)

clean:
	rm -rf $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/made
	@echo "Installing the packages of requirements.txt…"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt | $(VENV)/made
	@echo "Installing the packages of requirements-dev.txt…"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

$(BIOME_PLACE)/$(BIOME_VERSION): | $(VENV)/made
	@command -v npm >/dev/null || { echo "The linter of scripts and style sheets needs npm." >&2; exit 1; }
	@echo "Installing biome $(BIOME_VERSION)…"
	@npm install --silent --prefix $(BIOME_PLACE) --no-save --no-package-lock --no-audit --no-fund \
		--ignore-scripts @biomejs/biome@$(BIOME_VERSION)
	@touch $@

$(VENV)/made:
	@test -n "$(PYTHON)" || { echo "Python 3.12 or newer is needed; python3 here is $$(python3 -V 2>&1 | tail -1)." >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

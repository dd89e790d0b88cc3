# Polku's commands. `make` lists them. They need Python 3.11 to 3.13 with venv, and nothing else: the environment comes
# from the hashed lock file, PostgreSQL from a wheel of it.

SHELL := /bin/sh
VERSION_OK := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 python; do \
	"$$python" -c '$(VERSION_OK)' 2>/dev/null && { echo "$$python"; break; }; done)
BIN := .venv/bin
# Named after what the lock file says: another one, of another branch, is installed when it is needed.
INSTALLED := .venv/.installed-$(shell cksum < requirements-dev.lock | cut -d ' ' -f 1)
# Workers of `make test`: one more than there are cores, for many tests wait for servers (tests/lanes.py).
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
# Further arguments of pytest, as in: make test ARGS="tests/platform -x"
ARGS ?=

# A run of the tests starts some hundred Pythons; none of them should compile the whole house again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-20s %s\n", $$1, $$2 }'

.PHONY: install
install: $(INSTALLED) ## build the environment in .venv (the other commands do it when it is needed)

$(INSTALLED): requirements-dev.lock
	@$(BIN)/python -c '$(VERSION_OK)' 2>/dev/null || { \
		test -n "$(PYTHON)" || { echo "Polku needs Python 3.11, 3.12 or 3.13; none was found. Name one: make PYTHON=/path/to/python3.11"; exit 1; }; \
		echo "making .venv with $(PYTHON)"; \
		$(PYTHON) -m venv --clear .venv || { echo "Python's venv module does not work; on Debian and Ubuntu: apt install python3-venv"; exit 1; }; \
	}
	@echo "installing requirements-dev.lock"
	@# pip compiles what it installs on one core; compileall takes them all (a file for another Python may fail there)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --no-deps \
		-r requirements-dev.lock
	@$(BIN)/python -m compileall -qq -j 0 "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" || :
	@# the checkout itself is importable, so that pytest finds its plugin however it is called
	@pwd > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/polku.pth"
	@rm -f .venv/.installed-*
	@touch $@

.PHONY: run
run: $(INSTALLED) ## start everything: PostgreSQL, REST, streams, worker (Ctrl-C stops it)
	@$(BIN)/python -m config.run

.PHONY: story
story: $(INSTALLED) ## play the sofa story over HTTP against the running `make run`
	@$(BIN)/python -m tests.journeys

.PHONY: test
test: $(INSTALLED) ## run the tests, but the long ones
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long" $(ARGS)

.PHONY: test-long
test-long: $(INSTALLED) ## run the tests that take minutes
	$(BIN)/python -m pytest -m long $(ARGS)

.PHONY: test-browser
test-browser: $(INSTALLED) ## run the tests of pages in a real browser alone (`make test` runs them as well)
	$(BIN)/python -m pytest tests/browser $(ARGS)

.PHONY: lint
lint: $(INSTALLED) ## check style, walls between rooms, and that no migration is missing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache
	@# It asks the database for its history and warns when there is none; here none is needed.
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

.PHONY: typecheck
typecheck: $(INSTALLED) ## check types
	$(BIN)/mypy

.PHONY: messages
messages: $(INSTALLED) ## compile the pages' texts after a change of shop/locale
	$(BIN)/pybabel -q compile -D django -d shop/locale

.PHONY: screens
screens: $(INSTALLED) ## take the pictures of docs/screens anew, from the browser tests
	mkdir -p docs/screens
	POLKU_SCREENS=docs/screens $(BIN)/python -m pytest $(addprefix tests/browser/test_,every_page.py every_state.py story.py) $(ARGS)

.PHONY: openapi
openapi: $(INSTALLED) ## write docs/openapi.yaml, the description of the API
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

.PHONY: docs-authorisation
docs-authorisation: $(INSTALLED) ## write docs/authorisation.md from the authorisation matrix
	$(BIN)/python -m tests.architecture.matrix_page

.PHONY: bench
bench: $(INSTALLED) ## measure, and write docs/performance.md
	$(BIN)/python -m tests.performance.bench
	$(BIN)/python -m tests.performance.checkout_load --clients 1 4 16 --rounds 3 --write
	$(BIN)/python -m tests.performance.checkout_load --clients 16 --rounds 3 --card --write
	$(BIN)/python -m tests.performance.importing --write
	$(BIN)/python -m tests.performance.visible --write

.PHONY: bench-pages
bench-pages: $(INSTALLED) ## measure pages in a real browser, and write their section of docs/performance.md
	$(BIN)/python -m tests.browser.speed

.PHONY: bench-long
bench-long: $(INSTALLED) ## measure lists and details of 200,000 products, and write docs/performance-long.md
	$(BIN)/python -m tests.performance.bench --long

# Locked without addresses of package indexes. LOCK_ARGS=--upgrade takes newer versions.
UV := var/uv/bin/uv
COMPILE = $(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	--python-version 3.11 --quiet $(LOCK_ARGS) pyproject.toml

.PHONY: lock
lock: $(INSTALLED) ## write the lock files after a change of pyproject.toml
	@test -x $(UV) || { $(BIN)/python -m venv var/uv && var/uv/bin/python -m pip install --quiet uv==0.13.9; }
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group local --group dev -o requirements-dev.lock

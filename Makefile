# Everything runs in .venv, made from requirements.lock on first use.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
# A file of tests stays on one processor: it shares what is costly to make.
SPREAD := -n auto --dist loadfile --no-loadscope-reorder
# What git stores of a notebook: neither outputs nor what JupyterLab notes on saving.
# The file keeps both, and where there is no .venv git takes it as it is.
NOTED := codemirror_mode file_extension mimetype nbconvert_exporter pygments_lexer version
STRIP := $(BIN)/python -m nbstripout --extra-keys "$(NOTED:%=metadata.language_info.%)"
CLEAN := if test -x $(BIN)/nbstripout; then $(STRIP); else cat; fi
# `git status` takes a file of another size as modified without asking the filter, until
# it is added: so one that differs from what is stored in nothing else is added again.
SAVED = find notebooks -name '*.ipynb' -newer .venv/seen
SAME = git diff --quiet -- "$$1" && git add -u -- "$$1"
WATCH = while sleep 1 && kill -0 $$$$; do \
	touch .venv/now; $(SAVED) -exec sh -c '$(SAME)' - {} \;; mv .venv/now .venv/seen; done

.DEFAULT_GOAL := help
.PHONY: help report test lab lint types check docs pictures licences dist oldest newest lock clean hashes

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

report: $(READY) ## read data/raw, run the notebooks, write reports/index.html: half a minute
	$(BIN)/giikit report

test: $(READY) ## run the tests, of random and enumerated cases a sample
	$(BIN)/python -m pytest -q $(SPREAD)

lab: $(READY) ## open the study in JupyterLab, as in make lab LAB="--no-browser --port 8890"
	-@test ! -e .git || git config filter.notebook.clean '$(CLEAN)'
	@touch .venv/seen
	@test ! -e .git || ($(WATCH)) >/dev/null 2>&1 & exec $(BIN)/python -m jupyterlab $(LAB)

lint: $(READY) ## check style, imports, and that notebooks are stored without outputs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/numpydoc lint $$(find src -name '*.py')
	$(BIN)/nbstripout --verify notebooks/*.ipynb

types: $(READY) ## check types
	$(BIN)/mypy

check: test lint types ## all of the above

docs: $(READY) ## write the pages that are made from the code, and the site in site/
	$(BIN)/python docs/write_docs.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

pictures: $(READY) ## take the pictures of README.md and docs/ anew (needs chromium)
	$(BIN)/python docs/make_pictures.py

licences: $(READY) ## list the licences of giikit and of all that it depends on
	$(BIN)/python .ci/licences.py

dist: $(READY) ## build and check the wheel and the source distribution in dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/python -m twine check --strict dist/*

# Environments of their own, with the lowest versions that pyproject.toml allows and with
# the newest there are. Old libraries warn of what newer ones deprecate: that is no fault.
oldest: ## test with the lowest versions allowed, on Python 3.11 (needs uv)
	$(call try,lowest-direct,3.11,-W ignore::DeprecationWarning)

newest: ## test with the newest versions, on NEWEST=3.13 or another path to a Python
	$(call try,highest,$(or $(NEWEST),3.13),)

define try
	uv venv --quiet --clear --python $(2) .venv-$@
	uv pip compile --quiet --resolution $(1) --python .venv-$@ --all-extras --group test \
		--output-file .venv-$@/requirements.txt pyproject.toml
	uv pip install --quiet --python .venv-$@ -r .venv-$@/requirements.txt
	uv pip install --quiet --python .venv-$@ --no-deps -e .
	cp -R tests/pages/real .venv-$@/study
	.venv-$@/bin/giikit report --data .venv-$@/study/data
	.venv-$@/bin/python -m pytest -q $(SPREAD) $(3)
endef

lock: ## pin every dependency anew (needs uv)
	uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
		--all-extras --group dev --no-header --no-annotate --no-emit-index-url \
		--no-emit-find-links --output-file requirements.lock pyproject.toml

hashes: $(READY) ## print hashes of all that two very different accounts make
	$(BIN)/python benchmarks/hashes.py

clean: ## remove what was built, keep .venv
	rm -rf reports data/processed/*.* .venv-oldest .venv-newest

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("giikit needs Python 3.11 or later, this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.12")'
	@echo "Installing giikit and all it needs into .venv: only this once, 1 to 3 minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

# On a bare machine with Python 3.11 or newer: `make demo` shows the collection at work, `make test` checks it.

PYTHON ?= $(shell command -v python3)
PYTHON := $(PYTHON)
VENV   ?= .venv
BIN    := $(abspath $(VENV))/bin
PY     := $(BIN)/python
TREE   := .cache/tree
ADDED  := .cache/add-a-vendor/ansible_collections/saas/offboarding/plugins examples/add-a-vendor/tests
NOX    := $(VENV)/nox/bin/nox
OTHERS := .cache/collections/ansible_collections/community/general/MANIFEST.json

# What real playbooks are tested with besides the mock vendors.
PEERS  := browser java awx $(VENV)/eda/.made $(VENV)/peers/.made $(VENV)/recipes/.made

# The tests that take long lie together: dealt out in equal parts, one worker would get them all.
PARALLEL := -n 2 --dist worksteal

# What the checks call by name (ansible-lint: ansible-playbook) is the virtual environment's.
export PATH := $(BIN):$(PATH)
export PYTHON
export ANSIBLE_COLLECTIONS_PATH := $(abspath $(TREE))
export ANSIBLE_HOME := $(abspath .cache/ansible)

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs oldest importer nox sanity sanity-all units units-all integration chaos bench
.PHONY: awx browser java peers generate guide screenshots build format lines clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.demo ## Offboard a dozen leavers at a tenant of each of the mock vendors, and prove it
	PYTHONPATH=tests $(PY) -m demo

test: $(VENV)/.tests $(TREE) $(PEERS) ## Everything that CI checks
	$(MAKE) --jobs 2 --output-sync=target lint sanity docs importer
	$(MAKE) oldest units
	$(PY) -m pytest tests/chaos tests/integration $(PARALLEL)

lint: $(VENV)/.tests $(VENV)/nox/.made $(TREE) ## Style, types, documentation, changelog, licences
	PYTHONPATH=tests $(PY) -m tools.generate --check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(TREE)/ansible_collections/saas/offboarding/plugins extensions tests $(ADDED)
	$(BIN)/ansible-lint --offline --profile production
	$(BIN)/antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs self --check-extra-docs-refs .
	$(BIN)/antsibull-changelog lint
	$(BIN)/reuse lint --lines
	$(NOX) --session antsibull-nox-config extra-checks
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))

awx: $(OTHERS) ## The collections of others that tests use: awx.awx, community.general, amazon.aws

docs: $(VENV)/docs/.made $(TREE) ## The documentation as a site, in build/site
	$(VENV)/docs/bin/python tests/tools/docs.py

oldest: $(VENV)/oldest/.made ## The demo with the oldest ansible-core and libraries, and with nothing but what Ansible reads
	PYTHONPATH=tests $(VENV)/oldest/bin/python -m demo --bare
	$(VENV)/oldest/bin/python -m pytest $(PARALLEL) tests/unit/plugins/modules tests/unit/plugins/plugin_utils/test_variables.py tests/integration/test_vaulted_values.py tests/integration/test_survey_answers.py::test_an_answer_is_recorded_as_it_was_typed $(wildcard tests/unit/plugins/module_utils/test_http_*.py)

importer: $(VENV)/importer/.made ## Would Galaxy take the artifact, without a warning?
	$(VENV)/importer/bin/python tests/tools/importer.py

sanity: $(VENV)/.tests $(VENV)/oldest/.made ## ansible-test sanity, without a container, on the oldest ansible-core and on the one at hand
	PYTHONPATH=tests $(VENV)/oldest/bin/python tests/tools/sanity.py --skip-test pylint
	PYTHONPATH=tests $(PY) tests/tools/sanity.py

sanity-all: $(VENV)/nox/.made $(VENV)/.tests ## The same on every ansible-core and Python that is on this machine
	$(NOX) --session sanity

units: $(VENV)/.tests ## Unit tests, and how much of the plugins they cover
	$(PY) -m pytest tests/unit $(PARALLEL) --cov --cov-report=
	$(PY) tests/tools/coverage_floor.py

units-all: $(VENV)/nox/.made $(VENV)/.tests ## Unit tests on every ansible-core and Python that is on this machine
	$(NOX) --session units

nox: $(VENV)/nox/.made $(VENV)/.tests ## The sessions of antsibull-nox.toml, for contributors who know them
	$(NOX)

integration: $(VENV)/.tests $(PEERS) ## Real playbooks against the mock vendors
	$(PY) -m pytest tests/integration $(PARALLEL)

chaos: $(VENV)/.tests ## 2,000 schedules of faults from a new seed; CHAOS_SEED=n plays those of that seed
	CHAOS_PROFILE=long $(PY) -m pytest tests/chaos $(PARALLEL)

peers: $(VENV)/.tests $(VENV)/peers/.made ## Ask SCIM servers of others what they answer, Keycloak too; downloads 500 MB the first time
	PYTHONPATH=tests $(PY) -m peers
	PEERS_BY_HAND=1 $(PY) -m pytest tests/integration/test_scim_peers.py -k 'not what_the_peers_answer'

bench: $(VENV)/.bench ## How fast it is, beside other ways; takes an hour or two and writes docs/benchmarks.md
	PYTHONPATH=tests $(PY) -m bench

browser: $(VENV)/.tests ## See that there is a browser for the tests of the report
	@PYTHONPATH=tests $(PY) tests/tools/browser.py

generate: $(VENV)/.tests ## Write modules, argument specs, action groups and tables from the facts and texts of the vendors
	PYTHONPATH=tests $(PY) -m tools.generate

guide: $(VENV)/.tests ## Print the code of examples/add-a-vendor into its guide
	PYTHONPATH=tests $(PY) tests/tools/guide.py

java: $(VENV)/.tests ## See that there is a Java for the tests of the rulebook
	@PYTHONPATH=tests $(PY) tests/tools/java.py

screenshots: $(TREE) browser ## The pictures of the report in docs/images
	PYTHONPATH=tests:$(TREE) $(PY) tests/tools/screenshots.py

build: $(VENV)/.demo ## The collection's artifact, in build/
	$(BIN)/ansible-galaxy collection build --output-path build --force

lines: ## Code lines of the plugins, and of the longest files
	$(PYTHON) tests/tools/lines.py plugins

format: $(VENV)/.tests ## Put the Python code into the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## Remove what make has made
	rm -rf .venv .cache .nox build tests/output

$(TREE): tests/harness/tree.py | $(VENV)/.demo
	PYTHONPATH=tests $(PY) -m harness.tree $@
	touch $@

$(OTHERS): | $(VENV)/.python
	$(PY) tests/tools/collections_of_others.py .cache/collections

$(VENV)/.python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet uv
	touch $@

# uv is quicker by far; pip knows more about a site's own configuration.
install = $(BIN)/uv pip install --quiet --python $(2) -r $(1) || $(2) -m pip install --quiet -r $(1)

# What does not go together with the rest of the tests has a virtual environment of its own.
$(VENV)/%/.made: tests/requirements/%.txt | $(VENV)/.python
	$(PYTHON) -m venv $(VENV)/$*
	$(call install,$<,$(VENV)/$*/bin/python)
	touch $@

$(VENV)/.demo: tests/demo/requirements.txt | $(VENV)/.python
	$(call install,$<,$(PY))
	touch $@

$(VENV)/.bench: tests/bench/requirements.txt | $(VENV)/.demo
	$(call install,$<,$(PY))
	touch $@

$(VENV)/.tests: tests/requirements.txt tests/requirements/units.txt | $(VENV)/.demo
	$(call install,$<,$(PY))
	touch $@

# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

# On a bare machine with Python 3.11 or newer: `make demo` runs an example, `make test` runs all checks.

PYTHON ?= $(shell command -v python3)
PYTHON := $(PYTHON)
VENV   ?= .venv
BIN    := $(abspath $(VENV))/bin
PY     := $(BIN)/python
TREE   := .cache/tree
ADDED  := .cache/add-a-vendor/ansible_collections/saas/offboarding/plugins examples/add-a-vendor/tests
NOX    := $(VENV)/nox/bin/nox
OTHERS := .cache/collections/ansible_collections/community/general/MANIFEST.json
AXE    := .cache/axe/axe.min.js

# Programs that the integration tests need besides the mock vendors.
PEERS  := browser java awx axe $(VENV)/eda/.made $(VENV)/peers/.made $(VENV)/recipes/.made

# The slow tests are adjacent: in equal parts, one worker would get all of them.
PARALLEL := -n 2 --dist worksteal

# Programs that checks call by name (ansible-lint: ansible-playbook) come from the virtual environment.
export PATH := $(BIN):$(PATH)
export PYTHON
export ANSIBLE_COLLECTIONS_PATH := $(abspath $(TREE))
export ANSIBLE_HOME := $(abspath .cache/ansible)

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs oldest importer nox sanity sanity-all units units-all integration chaos bench
.PHONY: awx axe browser java peers generate vendor guide screenshots build format lines clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.demo ## Offboard a dozen leavers at a tenant of each of the mock vendors, and prove it
	PYTHONPATH=tests $(PY) -m demo

test: $(VENV)/.tests $(TREE) $(PEERS) ## Everything that CI checks
	$(MAKE) --jobs 2 --output-sync=target lint sanity docs importer
	$(MAKE) oldest units
	$(PY) -m pytest tests/chaos tests/integration $(PARALLEL)

lint: $(VENV)/.tests $(VENV)/nox/.made $(TREE) ## Style, types, documentation, changelog, licences
	PYTHONPATH=tests $(PY) -m tools.generate --check
	PYTHONPATH=tests $(PY) -m tools.language
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

axe: $(AXE) ## Install axe-core, which checks the report for accessibility

awx: $(OTHERS) ## Install the collections that tests use: awx.awx, community.general, amazon.aws

docs: $(VENV)/docs/.made $(TREE) ## The documentation as a site, in build/site
	$(VENV)/docs/bin/python tests/tools/docs.py

oldest: $(VENV)/oldest/.made ## The demo and some tests with the oldest ansible-core and libraries, and without the files that Ansible does not read
	PYTHONPATH=tests $(VENV)/oldest/bin/python -m demo --bare
	$(VENV)/oldest/bin/python -m pytest $(PARALLEL) tests/unit/plugins/modules tests/unit/plugins/plugin_utils/test_variables.py tests/integration/test_vaulted_values.py tests/integration/test_survey_answers.py::test_an_answer_is_recorded_as_it_was_typed $(wildcard tests/unit/plugins/module_utils/test_http_*.py)

importer: $(VENV)/importer/.made ## Check the artifact as Galaxy does, without a warning
	$(VENV)/importer/bin/python tests/tools/importer.py

sanity: $(VENV)/.tests $(VENV)/oldest/.made ## ansible-test sanity, without a container, on the oldest ansible-core and on the installed one
	PYTHONPATH=tests $(VENV)/oldest/bin/python tests/tools/sanity.py --skip-test pylint
	PYTHONPATH=tests $(PY) tests/tools/sanity.py

sanity-all: $(VENV)/nox/.made $(VENV)/.tests ## Sanity tests on every ansible-core and Python of this machine
	$(NOX) --session sanity

units: $(VENV)/.tests ## Unit tests, and their coverage of the plugins
	$(PY) -m pytest tests/unit $(PARALLEL) --cov --cov-report=
	$(PY) tests/tools/coverage_floor.py

units-all: $(VENV)/nox/.made $(VENV)/.tests ## Unit tests on every ansible-core and Python of this machine
	$(NOX) --session units

nox: $(VENV)/nox/.made $(VENV)/.tests ## The sessions of antsibull-nox.toml
	$(NOX)

integration: $(VENV)/.tests $(PEERS) ## Real playbooks against the mock vendors
	$(PY) -m pytest tests/integration $(PARALLEL)

chaos: $(VENV)/.tests ## 2,000 schedules of faults from a new seed; CHAOS_SEED=n plays those of that seed
	CHAOS_PROFILE=long $(PY) -m pytest tests/chaos $(PARALLEL)

peers: $(VENV)/.tests $(VENV)/peers/.made ## Test with other SCIM servers, also Keycloak; downloads 500 MB the first time
	PYTHONPATH=tests $(PY) -m peers
	PEERS_BY_HAND=1 $(PY) -m pytest tests/integration/test_scim_peers.py -k 'not what_the_peers_answer'

bench: $(VENV)/.bench ## Compare the speed with other methods; takes one to two hours and writes docs/benchmarks.md
	PYTHONPATH=tests $(PY) -m bench

browser: $(VENV)/.tests ## Make sure that there is a browser for the tests of the report
	@PYTHONPATH=tests $(PY) tests/tools/browser.py

generate: $(VENV)/.tests ## Write modules, argument specs, action groups and tables from the facts and texts of the vendors
	PYTHONPATH=tests $(PY) -m tools.generate

vendor: $(VENV)/.tests ## Write the skeleton of a vendor: make vendor NAME=acmedir PRODUCT="Acme Directory"
	@PYTHONPATH=tests $(PY) -m tools.new_vendor "$(NAME)" $(if $(PRODUCT),"$(PRODUCT)")

guide: $(VENV)/.tests ## Print the code of examples/add-a-vendor into its guide
	PYTHONPATH=tests $(PY) tests/tools/guide.py

java: $(VENV)/.tests ## Make sure that there is a Java for the tests of the rulebook
	@PYTHONPATH=tests $(PY) tests/tools/java.py

screenshots: $(TREE) browser ## The pictures of the report and of the console
	PYTHONPATH=tests:$(TREE) $(PY) tests/tools/screenshots.py

build: $(VENV)/.demo ## The collection's artifact, in build/
	$(BIN)/ansible-galaxy collection build --output-path build --force

lines: ## Code lines of the plugins, and of the longest files
	$(PYTHON) tests/tools/lines.py plugins

format: $(VENV)/.tests ## Format the Python code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## Remove everything that make has created
	rm -rf .venv .cache .nox build tests/output

$(TREE): tests/harness/tree.py | $(VENV)/.demo
	PYTHONPATH=tests $(PY) -m harness.tree $@
	touch $@

$(OTHERS): | $(VENV)/.python
	$(PY) tests/tools/collections_of_others.py .cache/collections

$(AXE): tests/tools/axe.py | $(VENV)/.python
	$(PY) tests/tools/axe.py $@

$(VENV)/.python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet uv
	touch $@

# uv is faster; pip reads more of a site's configuration.
install = $(BIN)/uv pip install --quiet --python $(2) -r $(1) || $(2) -m pip install --quiet -r $(1)

# Requirements that conflict with those of the tests have a separate virtual environment.
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

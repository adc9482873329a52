# The vocabulary of this repository. `make` alone prints it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Ports of the local platform. Empty: those of its last start, or 8080, 5000 and 8800.
AIRFLOW_PORT ?=
MLFLOW_PORT ?=
SERVICE_PORT ?=

PORTS = $(if $(AIRFLOW_PORT),--airflow-port $(AIRFLOW_PORT)) $(if $(MLFLOW_PORT),--mlflow-port $(MLFLOW_PORT)) \
	$(if $(SERVICE_PORT),--service-port $(SERVICE_PORT))

UV_VERSION := 0.13.8
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
PLATFORM := $(PY) -m include.platform

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYTHONPATH := $(CURDIR)
export MODEL VERSION TO REASON NAME
# Waiting threads sleep: four fits side by side on two cores take 2 s, not 8 to 40.
export OMP_WAIT_POLICY ?= PASSIVE
# uv has certificates of its own; behind a company's proxy those of the system are the right ones.
export UV_NATIVE_TLS := 1
export UV_SYSTEM_CERTS := 1

.PHONY: help
help:  ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##—— Work with Perennial

.PHONY: demo
demo: setup  ## See the whole loop run on a year of flights, on a real local Airflow and MLflow
	@$(PY) -m include.demo $(PORTS)

.PHONY: up
up: setup  ## Start Airflow, MLflow and the service here, or repair them (AIRFLOW_PORT=8081 …)
	@$(PLATFORM) up $(PORTS)

.PHONY: status
status: setup  ## Show what runs, where, and the passwords
	@$(PLATFORM) status

.PHONY: down
down: setup  ## Stop what `up` and `demo` started; the state stays
	@$(PLATFORM) down

.PHONY: clean
clean: setup  ## Stop it and delete its state: runs, models, ledger, lake
	@$(PLATFORM) clean

.PHONY: roll-back
roll-back: setup  ## Restore a former champion: MODEL=flight_delay [TO=3] REASON="what is wrong"
	@test -n "$$MODEL" -a -n "$$REASON" || { echo 'Say what and why: make roll-back MODEL=flight_delay [TO=3] REASON="what is wrong"'; exit 64; }
	@$(PLATFORM) run $(PY) -m include roll-back "$$MODEL" --reason "$$REASON" $${TO:+--to "$$TO"}

.PHONY: reproduce
reproduce: setup  ## Make a version again and compare, bit for bit: MODEL=flight_delay VERSION=3
	@test -n "$$MODEL" -a -n "$$VERSION" || { echo 'Say which: make reproduce MODEL=flight_delay VERSION=3'; exit 64; }
	@$(PLATFORM) run $(PY) -m include reproduce "$$MODEL" "$$VERSION"

IMAGE_CONTENT := Dockerfile requirements.txt dags docker include plugins

.PHONY: compose-up
compose-up:  ## The same on Docker: Postgres, Redis, Celery, object store
	@python3 include/platform/env_file.py
	@PERENNIAL_COMMIT=$$(git rev-parse HEAD)$$(test -z "$$(git status --porcelain -- $(IMAGE_CONTENT))" || echo -dirty) \
	  docker compose up --build --wait

.PHONY: compose-down
compose-down:  ## Stop the containers; data stays in the volumes
	@docker compose down

##—— Work on Perennial

.PHONY: setup
setup: $(INSTALLED)  ## Make .venv with everything locked; costs nothing when it is there
	@:

.PHONY: test
test: setup  ## Run every test (ARGS="tests/unit -k ledger" for some)
	@$(PY) -m pytest $(or $(ARGS),tests)

.PHONY: canary
canary: setup  ## Try contract and gates on a few days of flights, in a folder that is thrown away
	@$(PY) -m include.demo.canary

.PHONY: mutants
mutants: setup  ## Break the gates on purpose, and list what no test noticed (ARGS="--all" for every module)
	@$(PY) -m tests.mutation $(ARGS)

.PHONY: snapshot
snapshot: setup  ## Write the graph of the Dags to tests/dags/graph.yaml; read its diff
	@$(PY) -m tests.dags.graph

.PHONY: check
check: setup  ## Style and types, without changing a file
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

.PHONY: format
format: setup  ## Put every file into shape
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

.PHONY: bench
bench: setup  ## Run one benchmark: NAME=admission
	@test -n "$$NAME" -a -f "benchmarks/$$NAME.py" || { echo "Name one: make bench NAME=..., of:"; ls benchmarks/*.py | sed 's,benchmarks/,  ,; s,\.py$$,,'; exit 64; }
	@$(PY) -m "benchmarks.$$NAME"

.PHONY: lock
lock: setup  ## Resolve requirements*.in again into the hashed locks
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) -c requirements.txt requirements-dev.in -o requirements-dev.txt

LOCK = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

# Python 3.11 to 3.13, tried by running it: a name on the PATH may be a shim without a Python behind it.
FIND_PYTHON = for name in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  if "$$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2> /dev/null; \
	  then found="$$name"; break; fi; \
	done; \
	test -n "$$found" || { \
	  echo "No Python 3.11, 3.12 or 3.13 with its venv module was found (tried: $(PYTHON) python3.13 python3.12 python3.11 python3)."; \
	  echo "Install one (Debian and Ubuntu: apt install python3-venv), or name yours: make setup PYTHON=/path/to/python3.12"; \
	  exit 69; }

$(INSTALLED): requirements-dev.txt
	@if ! $(PY) -c 'import pip' 2> /dev/null; then \
	  $(FIND_PYTHON); \
	  echo "Making $(VENV) with $$("$$found" --version)"; \
	  "$$found" -m venv --clear $(VENV); \
	fi
	@$(VENV)/bin/uv --version 2> /dev/null | grep -q ' $(UV_VERSION) ' || $(PY) -m pip install --quiet uv==$(UV_VERSION)
	@echo "Installing what requirements-dev.txt locks (about 2 GB on the first run)"
	@$(VENV)/bin/uv pip install --python $(PY) --require-hashes --compile-bytecode -r requirements-dev.txt
	@touch $@

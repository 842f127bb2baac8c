# The only commands a reader must know. MODE=compose or MODE=embedded forces where the stack runs.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STACK := $(BIN)/python -m stack
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadscope
EXTRAS := gateway etl etl-function router router-function hosting model_server console seed stack
PACKAGES := bench console deployment etl gateway hosting image_check model_server push riskstack router seed stack

help: ## list the commands
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

setup: .venv/stack ## install what the stack needs into .venv

up: .venv/stack ## start the stack and say where things are
	@$(STACK) up

down: .venv/stack ## stop the stack; its data stays
	@$(STACK) down

demo: up ## start the stack, send applications through all channels, show each outcome
	@$(STACK) run $(BIN)/python -m seed demo build/demo.json

test: .venv/dev ## run all tests: in process, then against the stack embedded and in containers
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) --cov --cov-report term:skip-covered

e2e: .venv/dev ## run the end-to-end tests alone
	@$(BIN)/python -m pytest tests/e2e tests/faults

bench: .venv/dev ## measure the flow against its floor
	@$(STACK) up
	@$(STACK) run $(BIN)/python -m bench.flow

bench-model-server: .venv/dev ## measure the model server against a constant and against its peers
	@$(STACK) model
	@$(BIN)/python -m bench.model_server

bench-gateway: .venv/dev ## measure the gateway against the bare function and against LocalStack's
	@$(BIN)/python -m bench.gateway

bench-stream: .venv/dev ## measure the event source mapping against bare reads of the stream
	@$(BIN)/python -m bench.stream

check-image: .venv/stack ## run SageMaker's container contract against IMAGE=name, options in ARGS
	@[[ -n "$(IMAGE)" ]] || { echo 'usage: make check-image IMAGE=name [ARGS="--model folder"]' >&2; exit 2; }
	@$(BIN)/python -m image_check $(IMAGE) $(ARGS)

push-model: .venv/stack ## put image and model on SageMaker; DRY_RUN=1 prints the plan, DESTROY=1 removes it
	@$(BIN)/python -m push $(if $(DESTROY),destroy) $(if $(DRY_RUN),--dry-run)

deploy: .venv/dev ## put the system on AWS and test it there; DRY_RUN=1 prints what would be made
	@$(BIN)/python -m deployment $(if $(DRY_RUN),--dry-run)

destroy: .venv/stack ## remove the system from AWS; ALL=1 its data too, DRY_RUN=1 says what would go
	@$(BIN)/python -m deployment destroy $(if $(DRY_RUN),--dry-run)

check: .venv/dev ## check format, rules, types, imports, locks, images; change nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES) tests
	$(BIN)/lint-imports
	$(BIN)/cfn-lint deploy/data.yaml deploy/app.yaml
	$(BIN)/hadolint Dockerfile model_server/Dockerfile tests/images/*/Dockerfile
	@if docker compose version >/dev/null 2>&1; then docker compose config --quiet; \
	else echo "docker compose config: left out, no Compose here"; fi
	@$(call lock,build/requirements); diff -r build/requirements requirements \
	|| { echo "requirements/ is not what pyproject.toml asks for: make fix" >&2; exit 1; }

fix: .venv/dev ## format the sources, mend what the rules can mend, lock the requirements
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	@$(call lock,requirements)

logs: .venv/stack ## follow the logs of the stack
	@$(STACK) logs

env: .venv/stack ## print exports for a shell: eval "$(make -s env)"
	@$(STACK) env

model: .venv/stack ## train the model alone and write its report
	@$(STACK) model

clean: ## stop the stack, remove its data and everything that was built
	@if [[ -x $(BIN)/python && -e .venv/stack || -e .venv/dev ]]; then $(STACK) clean; fi
	@rm -rf build .venv

# Locks are universal: one file for every platform and Python that the project runs on. What is
# locked already stays, so that a lock changes only when pyproject.toml does.
define lock
mkdir -p $(1); [[ $(1) = requirements ]] || cp requirements/*.txt $(1)/; \
lock() { $(BIN)/uv pip compile pyproject.toml --extra $$1 "$${@:2}" --quiet --universal --no-header --no-annotate \
	--python-version 3.11 --generate-hashes --no-emit-index-url --output-file $(1)/$$1.txt; }; \
lock dev; for extra in $(EXTRAS) uv; do lock $$extra --constraint $(1)/dev.txt; done
endef

.venv/uv: requirements/uv.txt
	@echo "installing uv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Riskstack needs Python 3.11 or later: make PYTHON=<a newer python>")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.txt
	@touch $@

.venv/stack: .venv/uv requirements/stack.txt
	@echo "installing what the stack needs"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/stack.txt
	@touch $@

.venv/dev: .venv/uv requirements/dev.txt
	@echo "installing what the tests need"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/dev.txt
	@touch $@ .venv/stack

.PHONY: help setup up down demo test e2e bench bench-model-server bench-gateway bench-stream check check-image fix logs env model push-model deploy destroy clean

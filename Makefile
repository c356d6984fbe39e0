# Everything happens in .venv*/ and node_modules, which these targets make and keep up to date.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EMULATOR := .venv-emulator
SPARK := .venv-spark
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export DO_NOT_TRACK := 1
# As pip, uv believes whom this machine believes: a company's proxy has a certificate of its own.
export UV_SYSTEM_CERTS := 1
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
export JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION := 20
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help demo test test-browser test-image test-spark test-spark-image test-deploy check diff deploy image image-spark image-push bench lock lock-only schemas docs clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/ready ## Run the monitor on real flights: 13 weekly runs, a site and its emails, in demo/
	@python examples/flights.py
	@rm -rf demo/site demo/emails
	@drift-monitor backfill examples/flights.yaml --from 2013-04-08 --to 2013-07-01 --site demo/site --emails demo/emails

# coverage's quick way to measure is there from Python 3.12 on.
test: $(VENV)/ready node_modules/ready ## Run every test, and measure what they cover
	@export COVERAGE_CORE=$$(python -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")'); \
	  pytest -n 2 --dist loadgroup --cov

# What these need beside, they look for and never install: see scripts/require.
test-image: $(VENV)/ready node_modules/ready ## Run the image as Lambda does, and let everything fail that can; needs Docker
	@docker=$$(scripts/require docker $@); eval "$$docker"; pytest tests/image

test-spark-image: $(VENV)/ready node_modules/ready ## Run the Spark job in its image, on executors of their own; needs Docker
	@docker=$$(scripts/require docker $@); eval "$$docker"; pytest tests/spark_image

test-spark: $(SPARK)/ready ## Compare tables on Spark as in this process; needs Java 17 and Python 3.11
	@java=$$(scripts/require java $@); eval "$$java"; PATH="$(CURDIR)/$(SPARK)/bin:$$PATH" pytest tests/spark

test-deploy: $(VENV)/ready $(EMULATOR)/ready node_modules/ready ## Deploy for real, into an AWS account emulated on loopback; needs Docker
	@docker=$$(scripts/require docker $@); eval "$$docker"; pytest tests/deploy

test-browser: $(VENV)/ready node_modules/ready ## Look at the site in Chromium; screenshots go to tests/browser/screenshots
	@scripts/require chromium $@
	@pytest tests/browser

check: $(VENV)/ready node_modules/ready ## Lint, types, import rules; locks, schemas and reference pages are fresh
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports --no-cache
	@scripts/generated-is-fresh
	@scripts/locks-are-fresh

diff: $(VENV)/ready node_modules/ready ## What `cdk deploy` would change in the account
	@cdk diff --method=template

deploy: $(VENV)/ready node_modules/ready ## Deploy into the account of the current AWS credentials (IMAGE=v1: one that is pushed)
	@cdk deploy --all $(if $(IMAGE),-c image=$(IMAGE))

TAG ?= v1
image: BUILT = -t drift_monitor:$(TAG)
image: ## Build the function's image as drift_monitor:v1 (TAG=v2: as drift_monitor:v2; EXTRAS="delta iceberg")
image-spark: BUILT = -f lambda_src/Dockerfile.spark -t drift_monitor:$(TAG)-spark
image-spark: ## Build the Spark job's image, for monitors with engine: spark, as drift_monitor:v1-spark
image image-spark:
	@command -v $${CDK_DOCKER:-docker} >/dev/null || { echo "Docker is needed: see docs.docker.com/engine/install"; exit 1; }
	@BUILDX_NO_DEFAULT_ATTESTATIONS=1 $${CDK_DOCKER:-docker} build --platform $${PLATFORM:-linux/amd64} \
	  --build-arg VERSION=$(TAG) --build-arg REVISION=$$(git describe --always --dirty --exclude '*' --abbrev=40 2>/dev/null || echo unknown) \
	  $(if $(EXTRAS),--build-arg EXTRAS="$(EXTRAS)") $(BUILT) lambda_src

image-push: $(VENV)/ready node_modules/ready ## Build the images and push them to ECR as v1 (TAG=v2: as v2)
	@scripts/image-push $(TAG)

bench: $(VENV)/ready ## Measure against Evidently, peers and the floor; writes benchmarks/RESULTS.md
	@python benchmarks/run.py

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"
lock: $(VENV)/ready lock-only ## Resolve the requirements again, keeping what still fits (UPGRADE=1: newest)
lock-only:
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml --extra delta --extra iceberg --group cdk --group dev -o requirements-dev.txt
	@$(LOCK) --group cdk -c requirements-dev.txt -o requirements.txt
	@$(LOCK) pyproject.toml -c requirements-dev.txt -o lambda_src/requirements.txt
	@$(LOCK) -c requirements-dev.txt -o lambda_src/requirements-delta.txt - <<< deltalake
	@$(LOCK) -c requirements-dev.txt -o lambda_src/requirements-iceberg.txt - <<< pyiceberg
	@$(LOCK) -c requirements-dev.txt -o tests/spark/requirements.txt - <<< "pyspark>=3.5,<3.6"
	@$(LOCK) $(if $(UPGRADE),--upgrade) --group emulator -o tests/deploy/requirements.txt

schemas: $(VENV)/ready ## Write schemas/*.json from the models
	@python -m drift_monitor.cli.schemas schemas

docs: schemas node_modules/ready ## Write docs/reference/*.md from the schema, the settings and the command line
	@scripts/reference-docs docs/reference

clean: ## Remove what was made here
	rm -rf $(VENV) $(EMULATOR) $(SPARK) node_modules cdk.out demo

$(VENV)/ready: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}: make PYTHON=python3.12 …")'
	@echo "Installing into $(VENV) (a minute or two the first time)"
	@$(PYTHON) -m venv $(VENV)
	@# pip only fetches uv, at the locked version and hash; uv installs the rest, many times faster.
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r <(sed -n '/^uv==/,/# via/p' requirements-dev.txt)
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# Spark is large, and 3.5 runs with no Python newer than 3.11.
$(SPARK)/ready: tests/spark/requirements.txt requirements-dev.txt pyproject.toml | $(VENV)/ready
	@python=$$(scripts/require python-3.11 $(SPARK)); eval "$$python"; echo "Installing into $(SPARK)"; $(BIN)/uv venv --quiet --clear --python "$$PYTHON_3_11" $(SPARK)
	@$(BIN)/uv pip sync --quiet --python $(SPARK)/bin/python --require-hashes requirements-dev.txt tests/spark/requirements.txt
	@$(BIN)/uv pip install --quiet --python $(SPARK)/bin/python --no-deps --no-build-isolation -e .
	@touch $@

$(EMULATOR)/ready: tests/deploy/requirements.txt | $(VENV)/ready
	@$(BIN)/python -m venv --clear $(EMULATOR)
	@$(BIN)/uv pip sync --quiet --python $(EMULATOR)/bin/python --require-hashes tests/deploy/requirements.txt
	@touch $@

node_modules/ready: package-lock.json
	@command -v node npm >/dev/null || { echo "Node 20 or newer is needed, with npm: see nodejs.org"; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node 20 or newer is needed, this is $$(node --version)"; exit 1; }
	@npm ci --silent
	@touch $@

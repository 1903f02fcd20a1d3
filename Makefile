# Everything a person or CI calls. PYTHON=... chooses the interpreter, VENV=... the place of the environment.
VENV ?= .venv
PY = $(VENV)/bin/python
# Three workers for two cores, as tests wait for other processes much of the time; files in the order of tests/conftest.py.
PYTEST = $(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m uv --no-config pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

.PHONY: help demo run setup setup-demo setup-dev test proof unit slow sweep control bench lint format lock

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' Makefile

demo: setup-demo ## Try the bot without any account; PORT=8000 SPEED=4 FRESH=1 (start empty)
	@exec $(PY) -m sandbox $(if $(PORT),--port $(PORT)) $(if $(SPEED),--speed $(SPEED)) $(if $(FRESH),--fresh)

run: setup ## Run the bot for real, with the settings in .env
	@exec $(PY) -m bot run

setup: ## Make the environment: what the bot needs
	@tools/setup.sh $(VENV) requirements.lock

setup-demo: ## Make the environment: what the demo needs, too
	@tools/setup.sh $(VENV) requirements.lock requirements-sandbox.lock

setup-dev: ## Make the environment: what the tests need, too
	@tools/setup.sh $(VENV) requirements.lock requirements-sandbox.lock requirements-dev.lock

test: lint ## Check and test everything, as CI does
	@$(PYTEST)

proof: setup-dev ## Run every test once and note in docs/suite-runs.txt how it ended; BUSY=2 beside two busy processes
	@tools/proof.sh $(or $(BUSY),0) $(PYTEST)

unit: setup-dev ## Run the tests that need neither a bot process nor a browser
	@$(PYTEST) -m "not e2e and not browser"

slow: ## Make the long proofs: the whole sweep, 100 kills, and the control; RESUME=FILE goes on with the sweep
	@$(MAKE) sweep WORKERS=$(or $(WORKERS),2)
	@$(MAKE) sweep KILLS=100 RESUME=
	@$(MAKE) control

sweep: setup-dev ## Let every outside effect go wrong once; LIMIT=5 for so many a kind, RESUME=FILE to go on later, WORKERS=5 worlds at a time, KILLS=200 instead
	@$(PY) -m tests.sweep $(if $(KILLS),--kills $(KILLS)) $(if $(LIMIT),--limit $(LIMIT)) $(if $(SEED),--seed $(SEED)) \
		$(if $(RESUME),--resume $(RESUME)) $(if $(WORKERS),--workers $(WORKERS))

control: setup-dev ## Switch off what keeps the bot from paying twice: passes only if the sweep finds that out
	@$(PY) -m tests.sweep --blind $(if $(SEED),--seed $(SEED))

bench: setup-dev ## Print every figure of docs/performance.md; NAMES="loop memory" for some of them
	@$(PY) -m benchmarks $(NAMES)

lint: setup-dev ## Check style and types
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m pyright

format: setup-dev ## Put the code in the house's style
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

lock: setup-dev ## Write the lock files from pyproject.toml; UPGRADE=1 takes the newest releases
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) --group pyproject.toml:sandbox --constraint requirements.lock --output-file requirements-sandbox.lock
	@$(COMPILE) --group pyproject.toml:dev --constraint requirements.lock --constraint requirements-sandbox.lock \
		--output-file requirements-dev.lock

# Every target sets up .venv by itself; it is quick when it is already there.
PYTHON ?=
export PYTHON
NEWEST = $(notdir $(patsubst %/,%,$(firstword $(shell ls -td saved_models/*/ 2>/dev/null))))
MODEL ?= $(or $(NEWEST),classifier)
PORT ?= 8500
UI_PORT ?= 8502

.PHONY: run test test-fast check serve ui benchmark docs
.DELETE_ON_ERROR:

run: .venv/.ready-run        ## train on the bundled sample, or: make run ARGS="--data my.csv"
	.venv/bin/ganclf train $(ARGS)

test: check                  ## everything that has to hold, on two cores: servers and browsers keep a worker waiting, so there are three
	.venv/bin/python -m pytest -n 3 --dist worksteal $(ARGS)

test-fast: .venv/.ready-test ## what fails first, in under two minutes
	.venv/bin/python -m pytest -n 2 --dist worksteal -m "not slow and not browser and not real_data" $(ARGS)

check: .venv/.ready-test     ## format, lint, types, import arrows
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python -m pytest -q tests/test_arrows.py

serve: .venv/.ready-run      ## serve the model that was published last, or: make serve MODEL=my
	.venv/bin/ganclf serve --model_name $(MODEL) --model_base_path saved_models/$(MODEL) --port $(PORT)

ui: .venv/.ready-run         ## the page, beside a running server
	.venv/bin/ganclf ui --server 127.0.0.1:$(PORT) --model $(MODEL) --port $(UI_PORT)

benchmark: .venv/.ready-run  ## measure on data sets, or: make benchmark ARGS="--data my.csv --labels 10"
	.venv/bin/python -m benchmarks $(ARGS)

docs: .venv/.ready-docs       ## build the site into site/, offline; warnings are errors
	NO_MKDOCS_2_WARNING=1 .venv/bin/python -m mkdocs build --strict --quiet

.venv/.ready-%: pyproject.toml constraints.txt scripts/setup
	scripts/setup $*

# The commands of the house. Each brings what it needs: Python 3.11 with venv is all a machine must have.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
ARGS ?=
RUN := .venv/bin/python

# Production settings with nothing behind them: what the checks look at needs no server.
AS_PRODUCTION := DJANGO_SETTINGS_MODULE=config.settings.production KAPELL_ALLOWED_HOSTS=kapell.example \
  KAPELL_SECRET_KEY=for-checks-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG \
  DATABASE_URL=postgresql://nobody@127.0.0.1:1/nothing REDIS_URL=redis://127.0.0.1:1/0

.DEFAULT_GOAL := help
.PHONY: help up doctor backup restore reset test check formatting lint types contracts deployment migrations bench format translations lock base dev

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/'

up: base  ## start everything here: servers, web, worker, beat; Ctrl-C stops it (PORT, KAPELL_HOME, KAPELL_DEMO=0)
	@PORT=$(PORT) exec $(RUN) -m config.local.up

doctor: base  ## say what is well and what is not, a line each (ARGS=--json)
	@$(RUN) manage.py doctor $(ARGS)

backup: base  ## write database, files and secrets into one file (KAPELL_BACKUPS says where)
	@$(RUN) manage.py backup

restore: base  ## make a backup this system's data (FILE=…, YES=1 to be asked nothing)
	@$(RUN) manage.py restore "$(FILE)" $(if $(YES),--yes)

reset: base  ## leave the demo behind: a backup, then an empty company of yours (COMPANY=…, YES=1)
	@$(RUN) manage.py reset --company "$(COMPANY)" $(if $(YES),--yes) $(ARGS)

test: dev  ## run the whole suite in parallel on its own servers (ARGS='-m "not slow"')
	@$(RUN) -m pytest -n logical $(ARGS)

check: formatting lint types contracts deployment migrations  ## formatting, lint, types, import contracts, Django's checks, missing migrations

formatting: dev
	$(RUN) -m ruff format --check .
lint: dev
	$(RUN) -m ruff check .
types: dev
	$(RUN) -m mypy .
contracts: dev
	.venv/bin/lint-imports
deployment: dev
	$(AS_PRODUCTION) $(RUN) manage.py check --deploy --fail-level WARNING
migrations: dev
	$(AS_PRODUCTION) $(RUN) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

bench: dev  ## measure against the floor in one run; the last line is JSON (ROUNDS=3 ONLY=w1,w3 ARGS=--quick)
	@$(RUN) -m tests.benchmarks $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY)) $(ARGS)

format: dev  ## put the code into shape
	@$(RUN) -m ruff format . && $(RUN) -m ruff check --fix .

translations: dev  ## collect what the product says into locale/, and tell what a language lacks (ARGS=--all)
	@$(RUN) manage.py translations $(ARGS)

lock: dev  ## resolve requirements/*.in into the locked files
	@cd requirements && for kind in base dev; do \
	  ../$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --custom-compile-command "make lock" $$kind.in -o $$kind.txt || exit 1; done

base:
	@$(PYTHON) requirements/install.py base

dev:
	@$(PYTHON) requirements/install.py dev

# The commands of the project. On a bare machine they need python3 (3.11 to 3.13), pip and make.
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CORES ?= all
STUDIES ?= resources/studies
INTO ?= references
# Not asked of bandit: programs are called by lists of words and never by a shell (B404, B603); asserts are for mypy (B101);
# random numbers are for simulation (B311); no XML is parsed, only escaped (B406).
BANDIT_SKIP := B101,B311,B404,B406,B603
STAMP := $(VENV)/acuomics-lock.sha256

# A bare `make` runs.
.DEFAULT_GOAL := run

## help: say what can be asked for
help:
	@sed -n 's/^## //p' Makefile

.PHONY: help run study new-study check catalogue test test-slurm bench resolve fetch references env lock lint docs picture audit clean

## run: analyse the studies of config.yaml and say where the report is
run: env
	@$(BIN)/python workflow/run.py --cores $(CORES) $(ARGS)

## study: run a published study on files of your own, for example
## `make study STUDY=zou2019 FASTQ=folder SAMPLES=sheet.tsv` or `... COUNTS=matrix.tsv SAMPLES=sheet.tsv`
study: env
	@$(BIN)/python workflow/run.py --cores $(CORES) --study "$(STUDY)" --own-counts "$(COUNTS)" --own-fastq "$(FASTQ)" \
		--own-samples "$(SAMPLES)" --own-adapter "$(ADAPTER)" --own-feature-id "$(FEATURE_ID)" $(ARGS)

## new-study: make the folder of a study of your own, for example `make new-study NAME=my_study` (in studies/)
new-study: env
	@PYTHONPATH=workflow $(BIN)/python -m acuomics.catalogue.scaffold "$(NAME)" $(ARGS)

## check: check configuration, studies, claims and curated set without running anything, for example
## `make check` or `make check CONFIG=my.yaml`
check: env
	@PYTHONPATH=workflow $(BIN)/python -m acuomics.check $(if $(CONFIG),--configfile $(CONFIG)) $(ARGS)

## catalogue: check and list the published studies and their claims (results/catalogue)
catalogue: env
	@PYTHONPATH=workflow $(BIN)/python -m acuomics.catalogue $(ARGS)

## test: run all tests
test: env
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

## test-slurm: run the embedded studies on a Slurm of one node that the test starts and stops (Debian's packages slurmctld,
## slurmd, slurm-client and munge; skips without them)
test-slurm: env
	@ACUOMICS_TEST_SLURM=1 $(BIN)/python -m pytest -n 0 tests/slurm $(ARGS)

## bench: run one benchmark, for example `make bench NAME=parity`
bench: env
	@$(BIN)/python -m tests.benchmark $(NAME)

## lint: format, style and types as CI checks them
lint: env
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/snakefmt --check Snakefile workflow/rules
	@$(BIN)/mypy
	@$(BIN)/snakemake --lint
	@$(BIN)/bandit --quiet --recursive --skip $(BANDIT_SKIP) workflow
	@$(BIN)/python docs/reference.py --check
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

## docs: make the reference pages from the schemas and build the documentation (build/docs/index.html)
docs: env
	@$(BIN)/python docs/reference.py
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "build/docs/index.html"

## picture: take the picture of the report that README.md shows, after `make run` (needs a Chromium)
picture: env
	@$(BIN)/python docs/picture.py results/report docs/images/report.png

## audit: look the packages of the lock up in the advisories of PyPI (needs its network; says so when it is not reached)
audit: env
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r envs/requirements.lock $(ARGS) || { \
		echo "the lock is not audited: advisories were found, or https://pypi.org was not reached (the words above say which)" >&2; \
		exit 1; }

## resolve: write files.tsv of a study, for example `make resolve STUDY=x ACCESSION=PRJNA1` (more in ARGS)
resolve: env
	@PYTHONPATH=workflow $(BIN)/python -m acuomics.acquire resolve --study-folder $(STUDIES)/$(STUDY) \
		$(if $(ACCESSION),--accession $(ACCESSION)) $(ARGS)

## fetch: bring the files that files.tsv of a study names, for example `make fetch STUDY=x`
fetch: env
	@PYTHONPATH=workflow $(BIN)/python -m acuomics.acquire fetch --study-folder $(STUDIES)/$(STUDY) \
		--into results/$(STUDY)/acquire $(ARGS)

## references: bring reference tables that have an address, for example `make references NAMES="mirbase_mature"`
references: env
	@PYTHONPATH=workflow $(BIN)/python -m acuomics.acquire references --table resources/references/references.tsv \
		--into $(INTO) $(foreach name,$(NAMES),--name $(name)) $(ARGS)

env: $(STAMP)

# Remade when the lock or the project file changes; a second run finds the stamp and installs nothing.
$(STAMP): envs/requirements.lock pyproject.toml envs/install.py
	@$(PYTHON) envs/install.py $(VENV)
	@touch $@

## lock: resolve envs/requirements.in into envs/requirements.lock and the conda environments
lock: env
	@UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1 $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate $(ARGS) \
		envs/requirements.in --output-file envs/requirements.lock
	@$(BIN)/python envs/conda.py

## clean: remove everything that runs leave behind (not the environment)
clean:
	rm -rf results/* .snakemake

# Each target is a thin line over dvc, pytest, ruff or mypy: they work by themselves too, in the activated .venv.
BIN := .venv/bin
DVC := $(BIN)/dvc
PYTHON := $(BIN)/python
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run test fuzz check setup export recipe freeze-split readme rate judge review pr-report pii-allow bench-pii bench-train bench-predict bench-drift bench-data

run: setup ## build everything that changed, record the experiment `baseline`, print the comparison
	$(DVC) repro
	-$(DVC) exp remove --quiet baseline 2>/dev/null # of an earlier run; --force would run every stage again
	$(DVC) exp run --temp -n baseline -S evaluate.candidate=baseline
	$(DVC) metrics diff baseline workspace --targets metrics/evaluation.json
	$(PYTHON) -m stages.summary

test: setup check ## all tests
	$(PYTHON) -m pytest

fuzz: setup ## the property tests on new input, twenty times as much of it
	$(PYTHON) -m pytest -m hypothesis --hypothesis-profile=fuzz

check: setup ## formatting, lint and types
	$(BIN)/ruff format --check stages tests
	$(BIN)/ruff check stages tests
	$(BIN)/mypy

setup: .venv/installed .dvc/plots.html ## the pinned environment

.venv/installed: requirements.txt
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.dvc/plots.html: .venv/installed stages/plots_page.py
	$(PYTHON) -m stages.plots_page $@

recipe: setup ## write a set of overrides into params.yaml: make recipe FILE=recipes/mistral-7b-instruct-v0.3.yaml
	$(PYTHON) -m stages.recipe $(FILE)

export: setup ## the adapter, its tokenizer and a whole model card, ready to publish: make export TO=published
	$(PYTHON) -m stages.export $(or $(TO),models/export)

freeze-split: setup ## keep every row in its present split when data is added later
	$(PYTHON) -m stages.freeze_split data/splits data/raw/splits/assigned.csv

readme: setup ## take the tables of README.md and data/README.md from metrics/
	$(PYTHON) -m stages.readme

rate: setup ## a blind rating page for one person: make rate RATER=anna
	$(PYTHON) -m stages.rate $(RATER)

judge: setup ## a model's verdicts as one further rater: make judge MODEL=name, with OPENAI_BASE_URL set
	$(PYTHON) -m stages.judge $(MODEL)

review: setup ## a local page for doubtful personal data and unchecked drafts
	$(PYTHON) -m stages.review

BASE ?= main
pr-report: setup ## the comment of a pull request into BASE: verdict, metrics, params and data
	@$(PYTHON) -m stages.pr_report --base $(BASE)

bench-pii: setup ## rows a second of the masking and of plain Presidio, on the normalised rows of the last run
	$(PYTHON) -m tests.bench.pii data/interim/normalized.jsonl

pii-allow: setup ## propose labels and brands of your corpus that are no names of people
	$(PYTHON) -m stages.propose_allow data/interim/normalized.jsonl data/raw/pii/allow.txt

.cache/unsloth: # wants older transformers, TRL and datasets than ours
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target $@ unsloth==2026.10.9

bench-train: setup .cache/unsloth ## (GPU) the training rate beside its peers', after the gates; several GPUs: tests/bench/README.md
	$(PYTHON) -m pip install --quiet --disable-pip-version-check liger-kernel==0.8.5
	$(PYTHON) -m tests.bench.train

bench-predict: setup ## (GPU) the rate of answering
	$(PYTHON) -m tests.bench.predict

bench-drift: setup ## how far engine and merged models are from the one that was trained, on the answers of the last run
	$(PYTHON) -m tests.bench.drift

bench-data: setup ## rows a second and memory of the data stages from 1,000 to 1,000,000 rows, up to 100,000 beside pandas, datasketch and Presidio
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r tests/bench/requirements.txt
	$(PYTHON) -m tests.bench.data

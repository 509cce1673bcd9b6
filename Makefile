.PHONY: check lint types imports docs test test-all chaos zoo fuzz hashes newest reference notebooks site

GENERATED = docs/commands.md docs/variants.md

tests = tests
NAMES = import re, tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	needed = project["dependencies"] + project["optional-dependencies"]["dev"]; \
	print(*(re.match(r"[^<>=!~ ]+", each)[0] for each in needed))

check: lint types imports docs test

lint:
	ruff check .
	ruff format --check .

types:
	mypy

imports:
	lint-imports

docs:
	cog --check $(GENERATED)

test:
	pytest

test-all: test
	pytest -m "slow and not alone and not zoo" --numprocesses=3 --maxprocesses=3
	pytest -m alone --numprocesses=0

# Workers, databases, connections and code of users are struck, 500 trials each: some forty minutes.
chaos:
	TUNER_CHAOS_TRIALS=500 pytest -m slow --numprocesses=0 --capture=no tests/system/chaos/test_workers.py tests/system/compose

zoo:
	pytest -m zoo
	pytest -m "slow and not zoo" tests/system/test_networks.py tests/dropout/test_places.py

# Input that nobody means, ten minutes (or seconds=...) at each of three doors; see docs/reliability.md.
seconds = 600
fuzz:
	TUNER_FUZZ_SECONDS=$(seconds) pytest -rP --dist=load --timeout=0 tests/system/test_fuzz.py

reference:
	cog -r $(GENERATED)

# Run the notebooks of examples/ anew, with their outputs.
notebooks:
	python docs/_notebooks.py

site:
	mkdocs build --strict

# What the image installs, with the hashes of all files that are allowed (pip install uv).
hashes:
	uv pip compile pyproject.toml --quiet --extra postgres --python-version 3.12 --universal --no-annotate \
		--generate-hashes --constraints constraints.txt --output-file deploy/requirements.txt

# The newest releases of everything, in an environment of its own, and the suite (or tests=...) there.
newest:
	@venv=$$(mktemp -d) && trap 'rm -rf "$$venv"' EXIT INT TERM && python3 -m venv "$$venv" && \
	. "$$venv/bin/activate" && pip install --quiet --upgrade $$(python -c '$(NAMES)') && \
	pip install --quiet --no-deps -e . && echo "not as in constraints.txt:" && \
	{ pip freeze --exclude-editable | tr _ - | grep -vixF "$$(tr _ - < constraints.txt)" || true; } && \
	pytest $(tests)

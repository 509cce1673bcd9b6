.PHONY: check lint types imports docs test fast reference site

GENERATED = docs/commands.md docs/variants.md

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

fast:
	pytest -m "not slow"

reference:
	cog -r $(GENERATED)

site:
	mkdocs build --strict

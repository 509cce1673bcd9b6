.PHONY: check lint types imports docs test fast readme

check: lint types imports docs test

lint:
	ruff check .
	ruff format --check .

types:
	mypy

imports:
	lint-imports

docs:
	cog --check README.md

test:
	pytest

fast:
	pytest -m "not slow"

readme:
	cog -r README.md

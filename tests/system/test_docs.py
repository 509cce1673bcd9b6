"""What the README and the help say is what the code knows."""

import re
import tomllib

import pytest
from _places import ROOT
from click.testing import CliRunner

from tuner.cli.main import cli
from tuner.importer import described
from tuner.schema import VARIANTS
from tuner.study.definition import METRICS, StudyDefinition
from tuner.study.studies import PRUNERS, SAMPLERS

README = (ROOT / "README.md").read_text(encoding="utf-8")

PICTURES = re.findall(r'<img src="([^"]*)" alt="[^"]+"', README)


def reference():
    return re.search(r"<!-- reference -->\s*```toml\n(.*?)```", README, re.DOTALL)[1]


def test_the_study_file_of_the_readme_is_valid():
    StudyDefinition.parse(tomllib.loads(reference()), "README.md")


def test_the_study_file_of_the_readme_has_every_key():
    keys = {"data", "target", "task", "model", "metric"}
    for section in ("training", "search", "compare"):
        keys |= set(StudyDefinition.model_fields[section].annotation.model_fields)
    assert {
        key for key in keys if not re.search(rf"^(# )?{key}\s*=", reference(), re.MULTILINE)
    } == set()


@pytest.mark.parametrize("table", [SAMPLERS, PRUNERS, METRICS])
def test_help_names_every_choice(table):
    text = CliRunner().invoke(cli, ["search", "--help"]).output
    assert [name for name in table if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("name", VARIANTS)
def test_the_docstring_of_a_variant_has_every_field(name):
    """`tuner variants` shows it in two lines, so none may be long."""
    text = described(VARIANTS[name])
    assert list(text.fields) == ["Rate", "Learns", "Paper"]
    assert all(text.fields.values())
    assert text.rest
    assert len(text.first) <= 100


def test_every_variant_is_shown_in_two_lines():
    lines = CliRunner().invoke(cli, ["variants"]).output.rstrip().splitlines()
    names = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert names[1:] == list(VARIANTS)
    assert len(lines) == 3 + 2 * len(VARIANTS)


def test_the_readme_explains_every_variant_and_command():
    assert all(f"| `{name}` |" in README for name in VARIANTS)
    assert all(f"### tuner {name}\n" in README for name in cli.commands)


def test_the_readme_has_pictures():
    assert len(PICTURES) >= 2


@pytest.mark.parametrize("picture", PICTURES)
def test_every_picture_of_the_readme_is_there(picture):
    assert (ROOT / picture).stat().st_size > 10_000

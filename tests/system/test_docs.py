"""What the documents and the help say is what the code knows."""

import re
import subprocess
import sys
import tomllib

import pytest
from _places import ROOT
from click.testing import CliRunner

from tuner.cli.main import cli
from tuner.importer import described
from tuner.schema import VARIANTS
from tuner.study.definition import METRICS, StudyDefinition
from tuner.study.pruners import PRUNERS
from tuner.study.samplers import SAMPLERS

TOP = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
PAGES = [*TOP, *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
OLD_WORDS = r"\b(finalists?|knobs?|contests?|dropout places?)\b"
NAMED = (
    r"`((?:tuner|tests|docs|benchmarks|studies|deploy)/[\w./-]*|[\w.-]+\.(?:py|md|toml|yml|txt))`"
)
IN_COMMENT = r"[\w.-]+/[\w./-]*|[\w.-]+\.(?:md|toml|ya?ml)|\bMakefile\b"


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def reference():
    text = read("docs/study-file.md")
    return re.search(r"<!-- reference -->\s*```toml\n(.*?)```", text, re.DOTALL)[1]


def test_the_study_file_of_the_documents_is_valid():
    StudyDefinition.parse(tomllib.loads(reference()), "study-file.md")


def test_the_study_file_of_the_documents_has_every_key():
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


def test_the_documents_explain_every_variant_and_command():
    variants, commands = read("docs/variants.md"), read("docs/commands.md")
    assert all(f"### {name}\n" in variants for name in VARIANTS)
    assert all(f"## tuner {name}\n" in commands for name in cli.commands)


def test_the_readme_is_short_and_links_every_page():
    text = read("README.md")
    assert len(text.encode()) <= 12_000
    pages = [page for page in PAGES if page != "README.md"]
    assert [page for page in pages if f"]({page})" not in text] == []


def test_every_picture_of_the_readme_is_there():
    pictures = re.findall(r'<img src="([^"]*)" alt="[^"]+"', read("README.md"))
    assert pictures
    assert all((ROOT / picture).stat().st_size > 10_000 for picture in pictures)


@pytest.mark.parametrize("name", PAGES)
def test_the_documents_use_the_words_of_the_field(name):
    assert re.findall(OLD_WORDS, read(name), re.IGNORECASE) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_page_names_is_there(name):
    found = set(re.findall(NAMED, read(name))) if name != "CHANGELOG.md" else set()
    found = {path for path in found if path.startswith(("tuner/", "tests/")) or is_ours(name, path)}
    assert {path for path in found if not (ROOT / path).exists()} == set()


def is_ours(page, path):
    """Elsewhere than in CONTRIBUTING.md a bare name may be a file of the reader's."""
    return page == "CONTRIBUTING.md" or (path.startswith(("docs/", "benchmarks/")) and "." in path)


def test_every_target_that_contributing_names_is_there():
    targets = set(re.findall(r"make ([a-z-]+)(?:`|\s+#)", read("CONTRIBUTING.md")))
    assert "check" in targets
    assert targets - set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE)) == set()


def test_every_room_is_on_the_map():
    rooms = {f"tuner/{path.parent.name}/" for path in (ROOT / "tuner").glob("*/__init__.py")}
    files = {f"tuner/{path.name}" for path in (ROOT / "tuner").glob("[a-z]*.py")}
    text = read("CONTRIBUTING.md")
    assert {name for name in rooms | files if f"| `{name}` |" not in text} == set()


def test_the_picture_of_the_layers_is_the_contract():
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    assert "```text\n" + "\n".join(layers) + "\n```" in read("CONTRIBUTING.md")


def test_every_dependency_names_a_file_that_needs_it():
    lines = re.findall(r'^    "([^"]+)", +# (.*)$', read("pyproject.toml"), re.MULTILINE)
    needed = {
        name: re.findall(IN_COMMENT, text) for name, text in lines if re.search("[=<>]", name)
    }
    assert len(needed) > 30
    assert [name for name, paths in needed.items() if not paths] == []
    missing = [path for paths in needed.values() for path in paths if not (ROOT / path).exists()]
    assert missing == []


def test_the_site_has_no_dead_link(tmp_path):
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    home = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="https?://(?!squidfunk)[^"]*\.(?:js|css|woff2?)"', home) == []

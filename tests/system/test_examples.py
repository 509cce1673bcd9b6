"""The examples of the documents run, and the commands that they show are commands."""

import re
import shlex
import subprocess
import sys

import click
import pytest
from _places import ROOT

from tuner.cli.main import cli

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SEARCHING = ("from-keras-tuner.md", "from-optuna.md")
"""Pages whose examples search, and take their time."""
every_page = pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page.name, marks=[pytest.mark.slow] * (page.name in SEARCHING))
        for page in PAGES
    ],
)
BLOCK = r"(<!-- no test: [^>]+ -->\n+)?^```{}\n(.*?)^```"


def blocks(page, language):
    found = re.findall(BLOCK.format(language), page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [text for skipped, text in found if not skipped]


def shown(page):
    """The `tuner` commands in the shell blocks of a page, each as its arguments."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            yield from commands_in(line)


def commands_in(line):
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&")
    lexer.whitespace_split = True
    words = [[]]
    for word in lexer:
        if set(word) <= set(";|&"):
            words.append([])
        else:
            words[-1].append(word)
    ours = [each for each in words if "tuner" in each[:-1] and each[0] != "kubectl"]
    return [each[each.index("tuner") + 1 :] for each in ours]


def parse(arguments):
    with click.Context(cli, info_name="tuner") as context:
        _, command, rest = cli.resolve_command(context, arguments)
        command.make_context(command.name, rest, parent=context)


def in_text(page):
    """The commands that a page names in its text, where NAME or N may stand for a value."""
    return [
        shlex.split(text) for text in re.findall(r"`tuner ([a-z][^`]*)`", page.read_text("utf-8"))
    ]


def options_of(command):
    return {name for each in command.params for name in (*each.opts, *each.secondary_opts)}


@pytest.mark.slow
@every_page
def test_the_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    names = {"__name__": "example"}
    for text in blocks(page, "python"):
        file = re.match(r"# (\w+\.py)\n", text)
        if file:
            (tmp_path / file[1]).write_text(text, encoding="utf-8")
        exec(compile(text, f"{page.name}: example", "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_parse(page):
    for arguments in shown(page):
        parse(arguments)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_in_the_text_of_a_page_exist(page):
    for name, *rest in in_text(page):
        asked = {word for word in rest if word.startswith("-") and word != "-"}
        assert name in cli.commands
        command = cli.commands[name]
        command = getattr(command, "commands", {}).get(rest[0] if rest else "", command)
        assert asked - options_of(command) == set(), (name, rest)


@pytest.mark.parametrize(
    "line", ["tuner serch", "true && tuner search --trails 5", "tuner best a b"]
)
def test_a_wrong_command_is_noticed(line):
    (arguments,) = commands_in(line)
    with pytest.raises(click.UsageError):
        parse(arguments)


def test_there_are_commands_and_examples():
    pages = {page.name: page for page in PAGES}
    assert ["submit", "digits", "--compare"] in list(shown(pages["statistics.md"]))
    assert len(blocks(pages["README.md"], "python")) == 2
    assert len(in_text(pages["commands.md"])) > 2


@pytest.mark.slow
def test_the_ten_lines_of_the_readme_are_a_study(tmp_path):
    for text in blocks(ROOT / "README.md", "python"):
        file = re.match(r"# (\w+\.py)\n", text)[1]
        (tmp_path / file).write_text(text, encoding="utf-8")
    page = (ROOT / "README.md").read_text("utf-8")
    (line,) = re.findall(r"^tuner (search --model my_model.*)$", page, re.MULTILINE)
    few = ["--trials", "2", "--epochs", "1", "--jobs", "1", "--json"]
    command = [sys.executable, "-m", "tuner", *shlex.split(line), *few]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert '"complete": 2' in done.stdout


@pytest.mark.slow
def test_the_sentence_cnn_learns_from_the_words_that_it_is_adapted_to(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples")
    import kim
    import numpy as np
    import tensorflow as tf

    from tuner.data.spec import Spec

    x = np.array(["a fine and moving film", "a dull and silly film"] * 32, dtype=object)
    model = kim.build({"width": 4}, Spec((), 2, "classification", x=x))
    y = np.array([1, 0] * 32)
    model.fit(tf.constant(x.tolist()), y, epochs=12, verbose=0)
    assert model.evaluate(tf.constant(x.tolist()), y, verbose=0)[1] == 1
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [0.5]

"""tuner search: what it prints and writes, and when it ends."""

import json
from pathlib import Path

import pytest

from tuner.cli.main import run
from tuner.errors import UsageError

FAST = ["--epochs", "2", "--width", "8"]
FEW = ["--variant", "standard", "--variant", "gaussian"]


def test_a_search_prints_its_answer_and_writes_its_files(npz, place, capsys):
    assert run(["search", "--data", str(npz), "--trials", "5", *FAST, *FEW, "-q"]) == 0
    out = capsys.readouterr().out
    assert "best params" in out
    assert "smaller differences are noise" in out
    for name in ("trials.csv", "best.keras", "environment.json", "plots/cost.png", "report.html"):
        assert (place / "studies" / "three" / name).stat().st_size > 0
    assert out.index("smaller differences") < out.index("report.html")


def test_a_finished_search_says_so_and_writes_nothing_again(searched, capsys):
    command = ["search", "--name", "mine", "--data", "three.npz", "--width", "8", "--epochs", "3"]
    command += ["--trials", "8", "--seed", "0", "--pruner", "none"]
    command += ["--variant", "none", "--variant", "standard", "--variant", "gaussian", "-q"]
    folder = searched / "studies" / "mine"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    capsys.readouterr()
    assert run(command) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Nothing is left to do")
    assert [line.partition(":")[0] for line in said[1:]] == [
        "Answer", "Safe rates", "Cost", "Next", "studies/mine/", "studies/mine/plots/"
    ]  # fmt: skip
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    (folder / "report.html").unlink()
    assert run(command) == 0
    assert (folder / "report.html").exists()
    changed = {path for path in before if path.stat().st_mtime_ns != before[path]}
    assert changed <= {folder, folder / "report.html"}
    (folder / "best.json").write_text('{"study": "mine", "trial": 0}')
    (folder / "trials.csv").write_text("of a study of this name in another store")
    for _ in range(2):
        assert run(command[:-1]) == 0
        assert "best.keras is missing, or of another search" in capsys.readouterr().err
    assert "another store" not in (folder / "trials.csv").read_text()


@pytest.mark.slow
def test_the_code_of_a_study_runs(npz, capsys):
    assert run(["search", "--data", str(npz), "--trials", "2", *FAST, *FEW, "-q"]) == 0
    capsys.readouterr()
    assert run(["best", "three", "--code", "--trial", "1"]) == 0
    scope = {}
    exec(capsys.readouterr().out, scope)
    assert [layer.rate for layer in scope["DROPOUT"].values()] == [0.5, 0.5]
    assert run(["best", "three", "--code", "--trial", "9"]) == 2
    assert "no trial 9" in capsys.readouterr().err


def test_json_is_one_document_as_promised(npz, capsys):
    assert run(["search", "--data", str(npz), "--trials", "3", "--json", *FAST, "-q"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == [
        "study", "storage", "metric", "direction", "trials", "best", "variants", "files", "answer"
    ]  # fmt: skip
    assert document["trials"] == {
        "complete": 3, "pruned": 0, "failed": 0, "waiting": 0, "running": 0
    }  # fmt: skip
    assert set(document["best"]) == {"number", "value", "params"}
    assert set(document["variants"][0]) == {"variant", "n", "best", "params"}
    assert all(Path(path).exists() for path in document["files"])


def test_a_dry_run_writes_nothing(npz, place, capsys):
    assert run(["search", "--data", str(npz), "--dry-run", *FAST, "-q"]) == 0
    assert "at most" in capsys.readouterr().out
    assert not (place / "studies").exists()


def test_out_of_time_is_exit_code_4(npz, capsys):
    assert run(["search", "--data", str(npz), "--timeout", "0", *FAST, "-q"]) == 4
    assert "out of time" in capsys.readouterr().err


@pytest.mark.slow
def test_a_pipe_gets_no_control_characters_and_a_line_a_trial(npz, capsys):
    assert run(["search", "--data", str(npz), "--trials", "3", *FAST, *FEW]) == 0
    out, err = capsys.readouterr()
    assert not any(ord(c) < 32 and c != "\n" for c in out + err)
    first, *others = err.splitlines()
    assert first.startswith("task classification: y is ")
    assert [line.partition(" ")[0] for line in others[-3:]] == ["[1/3]", "[2/3]", "[3/3]"]
    assert not [line for line in others[:-3] if line.startswith("[")]


@pytest.mark.slow
def test_a_saved_keras_model_can_be_searched(npz, place, capsys):
    import keras

    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(3)]
    keras.Sequential([keras.Input((6,)), *layers]).save("mine.keras")
    command = ["search", "--data", str(npz), "--model", "mine.keras", "--epochs", "2", "-q"]
    assert run([*command, "--trials", "3"]) == 0
    assert (place / "studies" / "three-mine" / "best.keras").exists()


@pytest.mark.slow
def test_what_was_searched_is_said_where_the_comparison_is_refused(npz, monkeypatch, capsys):
    def refuse(*_):
        raise UsageError("nothing to compare")

    monkeypatch.setattr("tuner.cli.compare.carry_out", refuse)
    command = ["search", "--data", str(npz), "--trials", "2", *FAST, *FEW, "--verdict", "-q"]
    assert run(command) == 2
    out, err = capsys.readouterr()
    assert "best params" in out
    assert "nothing to compare" in err

"""A search in which the first trials fail still has an answer, or says why it has none."""

import json

import pytest

from tuner.cli.main import run

MOODY = """
import pathlib
import keras
class Moody(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        failed = pathlib.Path("failed")
        drops = any(getattr(each, "rate", 0.0) for each in self.model.layers)
        if {fails}:
            failed.touch()
            raise RuntimeError("out of luck")
def callbacks():
    return [Moody()]
"""


@pytest.fixture
def search(npz, tmp_path, monkeypatch, capsys):
    """Search with callbacks that sometimes fail: exit code, what was said, and the trials."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "three.toml").write_text(
        f'data = "{npz}"\n[space]\nvariant = "standard"\nwidth = 8\ndepth = 1\n'
        '[training]\nepochs = 2\ncallbacks = "moody:callbacks"\n'
        '[search]\ntrials = 3\nsampler = "random"\n'
    )

    def search(fails, *options):
        (tmp_path / "moody.py").write_text(MOODY.format(fails=fails))
        code = run(["search", *(options or ["three.toml"]), "--jobs", "1"])
        said = capsys.readouterr().err
        run(["trials", "three", "--json"])
        return code, said, json.loads(capsys.readouterr().out)

    return search


def nones(trials):
    return [t["state"] for t in trials if t["params"].get("variant") == "none"]


@pytest.mark.slow
def test_a_model_that_fails_once_has_its_baselines_all_the_same(search):
    code, said, trials = search("not failed.exists()")
    assert code == 0
    assert "trial 0 failed: it is tried again" in said
    assert nones(trials)[:2] == ["FAIL", "COMPLETE"]


@pytest.mark.slow
def test_without_a_baseline_compare_says_why_and_more_trials_bring_the_answer(search, capsys):
    code, _, trials = search("not drops")
    assert code == 0
    assert set(nones(trials)) == {"FAIL"}
    assert run(["compare", "three", "-q"]) == 2
    said = capsys.readouterr().err
    assert f"all {len(nones(trials))} failed, the last one with RuntimeError: out of luck" in said
    assert "tuner search three --add 1 tries it again" in said
    _, _, trials = search("False", "three", "--add", "1")
    assert nones(trials)[-1] == "COMPLETE"

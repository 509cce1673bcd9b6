"""tuner export: to trackers too, where their packages are installed."""

import json
import sys

import _made_studies
import pytest

from tuner.cli.main import run
from tuner.workers.pool import set_environment

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory):
    """A tracking store, and the client of it."""
    set_environment()
    from mlflow import MlflowClient

    uri = f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/store.db"
    return uri, MlflowClient(uri)


@pytest.mark.parametrize("tracker", ["mlflow", "tensorboard"])
def test_without_the_extra_nothing_is_written(tracker, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, tracker, None)
    assert run(["export", "mine", f"--{tracker}", "there"]) == 2
    error = capsys.readouterr().err
    assert f"pip install 'dropout-tuner[{tracker}]'" in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def events(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()


@pytest.mark.slow
def test_the_command_exports_to_both(tmp_path, monkeypatch, capsys, mlflow):
    from tuner.storage.connect import open_storage

    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies").mkdir()
    store = open_storage("sqlite:///studies/tuner.db", create=True)
    _made_studies.study(_made_studies.trial(0), name="both", store=store)
    flags = ["--mlflow", mlflow[0], "--tensorboard", "events", "--no-model", "--json"]
    assert run(["export", "both", *flags]) == 0
    out, err = capsys.readouterr()
    assert "studies/both/trials.csv" in json.loads(out)
    assert "mlflow: runs added: 1" in err
    assert "tensorboard: runs added: 1" in err
    assert mlflow[1].get_experiment_by_name("both") is not None
    assert (tmp_path / "events" / "both" / "trial-0000").is_dir()

"""Studies in MLflow, read back by its own client."""

import _made_studies
import pytest
from optuna.trial import TrialState

from tuner.errors import TunerError
from tuner.export.series import finished, series
from tuner.study.reading import read
from tuner.workers.pool import set_environment

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory):
    """A tracking store, and the client of it."""
    set_environment()
    from mlflow import MlflowClient

    uri = f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/store.db"
    return uri, MlflowClient(uri)


def log(results, mlflow):
    """Export, and give what is there then: the runs of the study and of its trials by number."""
    from tuner.export.mlflow import export

    uri, client = mlflow
    n_added = export(results, uri)
    experiment = client.get_experiment_by_name(results.definition.name)
    runs = client.search_runs([experiment.experiment_id])
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = {run.data.tags["tuner.trial"]: run for run in runs if run not in parents}
    return n_added, parents, children


def history(mlflow, run, name):
    return {each.step: each.value for each in mlflow[1].get_metric_history(run.info.run_id, name)}


def a_study(name, n=5, **given):
    study = _made_studies.study(
        *(_made_studies.trial(number, **given) for number in range(n)), name=name
    )
    study.add_trial(_made_studies.trial(96))
    study.add_trial(_made_studies.trial(12))
    return study


@pytest.mark.slow
def test_mlflow_has_a_run_for_each_finished_trial_below_that_of_the_study(mlflow):
    results = read(a_study("runs"))
    n_added, (parent,), children = log(results, mlflow)
    assert n_added == 6
    assert set(children) == {str(row.number) for row in finished(results)}
    assert "5" not in children
    assert results.trials[5].state == TrialState.FAIL.name
    assert {run.data.tags["mlflow.parentRunId"] for run in children.values()} == {
        parent.info.run_id
    }
    for row in finished(results):
        found = children[str(row.number)]
        assert found.data.params == {name: str(value) for name, value in row.params.items()}
        assert found.data.tags["tuner.state"] == row.state.lower()
        assert found.data.metrics.get("value") == row.value
        assert found.info.end_time - found.info.start_time == 1500
    assert {run.info.status for run in children.values()} == {"FINISHED", "KILLED"}


def test_mlflow_has_the_metrics_of_every_epoch_by_step(mlflow):
    results = read(a_study("epochs", 4))
    _, _, children = log(results, mlflow)
    row = results.trials[3]
    assert row.variant == "concrete"
    expected = series(results, row)
    assert {"val_accuracy", "train_loss", "rate_0", "value", "gap"} <= set(expected)
    assert len(expected["val_accuracy"]) == 20
    assert {name: history(mlflow, children["3"], name) for name in expected} == expected


def test_a_long_history_is_logged_to_its_end(mlflow):
    curves = _made_studies.curves(0.9, n=700)
    results = read(_made_studies.study(_made_studies.trial(0, history=curves), name="long"))
    _, _, children = log(results, mlflow)
    found = history(mlflow, children["0"], "val_accuracy")
    assert list(found.values()) == curves["val_accuracy"]


def test_mlflow_is_given_what_is_missing_only(mlflow):
    study = a_study("again")
    assert log(read(study), mlflow)[0] == 6
    assert log(read(study), mlflow)[0] == 0
    study.add_trial(_made_studies.trial(20))
    n_added, parents, children = log(read(study), mlflow)
    assert (n_added, len(parents), len(children)) == (1, 1, 7)
    other = _made_studies.study(_made_studies.trial(30), name="again")
    n_added, parents, _ = log(read(other), mlflow)
    assert (n_added, len(parents)) == (1, 2)


def test_strange_names_reach_mlflow(mlflow):
    results = read(_made_studies.nasty(name="strange"))
    _, _, children = log(results, mlflow)
    row = results.trials[0]
    found = children["0"].data.params
    assert len(found) == len(row.params)
    assert sorted(found.values()) == sorted(map(str, row.params.values()))


def test_names_that_become_equal_stay_apart():
    from tuner.export.mlflow import _named

    found = _named({"a<b": 1, "a>b": 2, "..": 3, "": 4, "x" * 300: 5, "x" * 301: 6})
    assert sorted(found.values()) == [1, 2, 3, 4, 5, 6]
    assert all(0 < len(name) <= 250 for name in found)


def test_a_server_that_does_not_answer_is_said_without_its_password(mlflow, monkeypatch):
    from tuner.export.mlflow import export

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(TunerError) as raised:
        export(read(a_study("none")), "http://me:secret@127.0.0.1:1")
    assert "secret" not in str(raised.value)
    assert "127.0.0.1" in str(raised.value)

"""A study as runs of MLflow: one for the study, and below it one for each finished trial."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from tuner.errors import TunerError, one_line
from tuner.export.series import finished, series
from tuner.study import attrs
from tuner.study.results import Results, TrialRow

_STATUS = {"COMPLETE": "FINISHED", "PRUNED": "KILLED"}
_REFUSED = re.compile(r"[^\w\-. :]")
_PASSWORD = re.compile(r"(//[^/@\s]*:)[^/@\s]+@")
_MOST = 100
_LONGEST = 240

T = TypeVar("T")
Series = Mapping[str, Mapping[int, float]]


def export(results: Results, uri: str) -> int:
    """Log the finished trials that are not there yet; how many these were.

    What MLflow refuses in a name of a param becomes an underscore. TunerError where the tracking
    server at `uri` does not take it.
    """
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    try:
        return _export(results, MlflowClient(tracking_uri=uri))
    except (MlflowException, SQLAlchemyError, OSError) as error:
        words = _PASSWORD.sub(r"\1***@", one_line(error))
        raise TunerError(f"MLflow: {words}") from None


def _export(results: Results, client: MlflowClient) -> int:
    experiment = _experiment(client, results.definition.name)
    parent = _parent(client, experiment, results)
    known = {
        run.data.tags.get("tuner.trial")
        for run in _runs(client, experiment, f"tags.`mlflow.parentRunId` = '{parent}'")
    }
    rows = [row for row in finished(results) if str(row.number) not in known]
    for row in rows:
        _log(client, experiment, parent, row, series(results, row))
    return len(rows)


def _experiment(client: MlflowClient, name: str) -> str:
    found = client.get_experiment_by_name(name)
    return str(client.create_experiment(name) if found is None else found.experiment_id)


def _parent(client: MlflowClient, experiment: str, results: Results) -> str:
    """The run of the study; of two of one name, the one that began when this one did."""
    name, started = results.definition.name, _began(results)
    tags = {"tuner.study": name, "tuner.started": str(started)}
    wanted = " and ".join(f"tags.`{key}` = '{value}'" for key, value in tags.items())
    for run in _runs(client, experiment, wanted):
        return str(run.info.run_id)
    tags |= {"tuner.metric": results.metric, "tuner.direction": results.direction}
    tags |= {"tuner.data": str(attrs.DATA.of(results.attrs))}
    run = client.create_run(experiment, start_time=started, tags=tags, run_name=name)
    client.set_terminated(run.info.run_id)
    return str(run.info.run_id)


def _runs(client: MlflowClient, experiment: str, wanted: str) -> Iterator[Any]:
    token = None
    while True:
        page = client.search_runs([experiment], wanted, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _log(client: MlflowClient, experiment: str, parent: str, row: TrialRow, found: Series) -> None:
    """Its tags come last: a run that was not logged to its end is not taken for the trial."""
    name, when = f"trial {row.number}", _milliseconds(row.completed)
    run = client.create_run(experiment, start_time=_milliseconds(row.started), run_name=name)
    identity = run.info.run_id
    for params in _batches([Param(k, str(v)) for k, v in _named(row.params).items()]):
        client.log_batch(identity, params=params)
    metrics = (
        Metric(name, value, when, step)
        for name, values in _named(found).items()
        for step, value in values.items()
    )
    for some in _batches(list(metrics)):
        client.log_batch(identity, metrics=some)
    client.set_terminated(identity, _STATUS[row.state], when)
    tags = {"mlflow.parentRunId": parent, "tuner.trial": str(row.number)}
    tags |= {
        "tuner.state": row.state.lower(),
        "tuner.role": row.role or "",
        "tuner.seed": str(row.seed),
    }
    client.log_batch(identity, tags=[RunTag(key, value) for key, value in tags.items()])


def _named(values: Mapping[str, T]) -> dict[str, T]:
    """The same by names that MLflow takes, no two of them equal."""
    found: dict[str, T] = {}
    for name, value in values.items():
        allowed = _REFUSED.sub("_", name).strip(".")[:_LONGEST] or "_"
        found[f"{allowed} {len(found)}" if allowed in found else allowed] = value
    return found


def _batches(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + _MOST] for start in range(0, len(items), _MOST))


def _began(results: Results) -> int:
    return min((_milliseconds(row.started) for row in results.trials if row.started), default=0)


def _milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1000)

"""The numbers of a trial by step, as experiment trackers keep them."""

from collections.abc import Mapping

from tuner.study.results import Results, TrialRow


def finished(results: Results) -> list[TrialRow]:
    """The complete and pruned trials."""
    return [row for row in results.trials if row.is_finished]


def series(results: Results, row: TrialRow) -> Mapping[str, Mapping[int, float]]:
    """By name, those of every epoch, and after the last its value and what else was measured."""
    history = results.histories.get(row.number, {})
    n_epochs = max(map(len, history.values()), default=row.n_epochs)
    last = {"value": row.value, "gap": row.gap, "seconds": row.seconds, **row.measured}
    at_end = {name: {n_epochs: value} for name, value in last.items() if value is not None}
    return at_end | {name: dict(enumerate(values, start=1)) for name, values in history.items()}

"""Trials of a study as a data frame that is read by people: a dozen columns."""

import pandas as pd

from tuner.export.files import trials_frame
from tuner.study.results import Results

_NAMES = ("variant", "rate", "width")


def tidy(results: Results) -> pd.DataFrame:
    """A row a trial, by its number: state, params that all variants share, value, gap, time.

    The value is under the name of the metric: that on the validation part after the last epoch, or
    the last one before the trial was pruned. What is fixed, and what only one variant has, is in
    `whole`.
    """
    sampled = {name for row in results.trials for name in row.params}
    others = sorted(n for n in sampled - {*_NAMES, *results.fixed} if "." not in n)
    names = [name for name in _NAMES if name in sampled and name not in results.fixed]
    rows = [
        {
            "trial": row.number,
            "state": row.state.lower(),
            **{name: row.params.get(name) for name in (*names, *others)},
            results.metric: row.last_value if row.value is None else row.value,
            f"train_{results.metric}": row.train_value,
            "gap": row.gap,
            "epochs": row.n_epochs,
            "seconds": row.seconds,
            "seed": row.seed,
            "error": row.error,
        }
        for row in results.trials
    ]
    return pd.DataFrame(rows).astype({"seed": "Int64"} if rows else {})


def whole(results: Results) -> pd.DataFrame:
    """A row a trial with everything that is known of it, in the columns of `tuner export`."""
    return trials_frame(results)

"""The studies of a store."""

import os

import pandas as pd

from tuner import DEFAULT_STORAGE
from tuner.api.study import Study
from tuner.storage.connect import open_storage
from tuner.storage.tally import summaries

_VARIABLES = ("TUNER_STORAGE", "OPTUNA_STORAGE")


def url_of(storage: str | None) -> str:
    """The store that is meant: as the command line, that of the environment, or the default."""
    named = (os.environ.get(name) for name in _VARIABLES)
    return storage or next(filter(None, named), DEFAULT_STORAGE)


def open_study(name: str, storage: str | None = None) -> Study:
    """A study of the store by its name; UsageError names those that there are."""
    return Study(name, url_of(storage))


def studies(storage: str | None = None) -> pd.DataFrame:
    """The studies of the store: name, trials, best value and when the first trial began."""
    store = open_storage(url_of(storage))
    rows = store.database.ask(summaries)
    return pd.DataFrame(rows, columns=["study", "trials", "best", "started"])

"""What may be asked of a store that is served, by name: nothing else is done for a worker."""

from collections.abc import Callable, Mapping
from typing import Any

from tuner.errors import StoreError
from tuner.storage import enqueue, running, stale, tables, tally, transactions, trials
from tuner.storage.calls import READS, WRITES
from tuner.storage.lease import LostTrialError
from tuner.storage.rdb import Database

_DONE: tuple[Callable[..., Any], ...] = (
    *(transactions.claim, transactions.beat, transactions.write, transactions.finish),
    *(transactions.release, transactions.retry, tables.open_trials),
    *(enqueue.add, running.running, stale.settle),
)
_ASKED: tuple[Callable[..., Any], ...] = (
    *(enqueue.snapshot, tally.states, tally.tallies, tally.slowest_step),
    *(tally.best_of_each, tally.by_worker, tally.summaries, trials.begun),
)
_OPTUNA = (*READS, *WRITES, "create_new_study")

ERRORS: Mapping[str, type[Exception]] = {
    each.__name__: each for each in (LostTrialError, StoreError, KeyError, ValueError, RuntimeError)
}
"""What may be raised there, to be raised again by who has asked."""


def operations(database: Database) -> Mapping[str, Callable[..., Any]]:
    """What may be asked of a database, by name."""
    found: dict[str, Callable[..., Any]] = {name: getattr(database, name) for name in _OPTUNA}
    for each in _DONE:
        found[each.__name__] = _on(database.do, each)
    for each in _ASKED:
        found[each.__name__] = _on(database.ask, each)
    return found


def error_name(error: Exception) -> str | None:
    """The name of the error in `ERRORS` that is raised for this one; None where none is meant."""
    return next((each.__name__ for each in type(error).__mro__ if each.__name__ in ERRORS), None)


def _on(call: Callable[..., Any], operation: Callable[..., Any]) -> Callable[..., Any]:
    def ask(*args: Any, **kwargs: Any) -> Any:
        return call(operation, *args, **kwargs)

    return ask

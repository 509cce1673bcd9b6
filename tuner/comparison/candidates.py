"""Who is compared: the best configuration of each variant, and the two baselines."""

from collections.abc import Sequence
from dataclasses import dataclass

from tuner.errors import UsageError
from tuner.schema import Params
from tuner.study.attrs import BASELINE, CandidateRecord
from tuner.study.results import Results, TrialRow

NO_DROPOUT = "none"
DEFAULT = "standard 0.5"
"""The setting of the article that made dropout known."""


@dataclass(frozen=True)
class Candidate:
    """A configuration to compare; `trial` is where the search found it.

    `n_hyperparameters` counts what was searched of it: of equals the one with fewer is simpler.
    """

    name: str
    params: Params
    trial: int
    n_hyperparameters: int

    def document(self) -> CandidateRecord:
        """As it is in the store."""
        return {
            "name": self.name,
            "params": dict(self.params),
            "trial": self.trial,
            "n_knobs": self.n_hyperparameters,
        }


def choose(results: Results, top: int | None = None) -> list[Candidate]:
    """The best complete trial of each variant, of the `top` best ones, and the baselines.

    Raises UsageError where the study has no complete trial without dropout, or nothing else.
    """
    rows = [row.best for row in results.variants if row.best is not None]
    without = next((row for row in rows if row.variant == NO_DROPOUT), None)
    if without is None:
        raise UsageError(
            f"study {results.definition.name!r} has no complete trial without dropout:"
            " finish the search first"
        )
    others = [row for row in rows if row is not without]
    fixed = _default(results.trials)
    chosen = [without, *others[: top if top is not None else len(others)]]
    if fixed is not None and all(row.params != fixed.params for row in chosen):
        chosen.append(fixed)
    if len(chosen) < 2:
        raise UsageError(
            f"study {results.definition.name!r} has nothing to compare no dropout with"
        )
    return [_candidate(row, row is fixed, results.fixed) for row in chosen]


def _default(trials: Sequence[TrialRow]) -> TrialRow | None:
    """The second baseline: standard dropout at 0.5."""
    found = (t for t in trials if t.role == BASELINE and t.variant == "standard")
    return next((trial for trial in found if trial.state == "COMPLETE"), None)


def _candidate(row: TrialRow, is_default: bool, fixed: frozenset[str]) -> Candidate:
    searched = [name for name in row.params if name not in fixed and name != "variant"]
    if row.variant == NO_DROPOUT:
        searched = [name for name in searched if name != "rate"]
    name = DEFAULT if is_default else row.variant
    return Candidate(name, row.params, row.number, len(searched))

"""Who is compared: the best of each variant, its twin without dropout, and the baselines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tuner.comparison.statistics.labels import LIKE
from tuner.errors import UsageError
from tuner.schema import AS_WRITTEN, Params, Scalar
from tuner.study import attrs
from tuner.study.attrs import BASELINE, CandidateRecord
from tuner.study.curves.answer import Curves
from tuner.study.curves.candidates import shared_of, twin_of
from tuner.study.curves.fitting import fit
from tuner.study.curves.points import drops_nothing
from tuner.study.definition import Training
from tuner.study.results import Results, TrialRow

NO_DROPOUT = "none"
DEFAULT = "standard 0.5"
"""The setting of the article that made dropout known."""

_SWITCHED_OFF = ("alpha",)
"""What turns its network to another (SELU): its twin is the same network at rate 0."""


@dataclass(frozen=True)
class Candidate:
    """A configuration to compare; `trial` is where the search found it, or what it is a twin of.

    `n_hyperparameters` counts what was searched of it: of equals the one with fewer is simpler.
    `twin` names the same network without dropout.
    """

    name: str
    params: Params
    trial: int
    n_hyperparameters: int
    is_dropout: bool = True
    twin: str | None = None

    def document(self) -> CandidateRecord:
        """As it is in the store."""
        return {
            "name": self.name,
            "params": dict(self.params),
            "trial": self.trial,
            "n_knobs": self.n_hyperparameters,
            "is_dropout": self.is_dropout,
            "twin": self.twin,
        }


def choose(
    results: Results, top: int | None = None, curves: Curves | None = None
) -> list[Candidate]:
    """The best trial of each variant, of the `top` best ones, and standard dropout at 0.5.

    The best is the complete one of the best expectation, by the model of all trials: the one of the
    best value is the luckiest. Where too little is known for that, it is the one of the best value.
    `curves` are those of `fit(results)`, where they have been made.

    A user's own model that came with dropout is there as it was written. Beside them the networks
    without dropout: the best that the search found, first; that one with every other width, and
    with what else of the shared choices candidates have; and the twin of each candidate. Raises
    UsageError where the study has no complete trial without dropout, or nothing else.
    """
    rows = _leaders(results, curves or fit(results))
    without = next((row for row in rows if row.variant == NO_DROPOUT), None)
    if without is None:
        raise UsageError(
            f"study {results.definition.name!r} has no complete trial without dropout:"
            f" {_why(results)}"
        )
    others = [row for row in rows if row is not without]
    fixed = _default(results.trials)
    chosen = others[: top if top is not None else len(others)]
    if fixed is not None and all(row.params != fixed.params for row in chosen):
        chosen.append(fixed)
    if not chosen:
        raise UsageError(
            f"study {results.definition.name!r} has nothing to compare no dropout with"
        )
    found = [_candidate(row, row is fixed, results.fixed) for row in chosen]
    found += _as_written(results)
    none = _candidate(without, False, results.fixed)
    return _with_twins([none, *_at_choices(results, none, found)], found)


def _why(results: Results) -> str:
    """What keeps a study from having a trial without dropout, and what to do."""
    name = results.definition.name
    nones = [row for row in results.trials if row.variant == NO_DROPOUT]
    failed = [row for row in nones if row.error]
    if any(row.is_open for row in results.trials) or not failed:
        is_over = results.trials and not any(row.is_open for row in results.trials)
        return f"tuner search {name} --add 1 trains one" if is_over else "finish the search first"
    return (
        f"all {len(failed)} failed, the last one with {failed[-1].error};"
        f" tuner search {name} --add 1 tries it again"
    )


def _leaders(results: Results, curves: Curves | None) -> list[TrialRow]:
    """The best complete trial of each variant, the best first; one of dropout drops something."""
    rows = [row.best for row in results.variants if row.best is not None]
    if curves is None:
        return [row for row in rows if _is_kind(row)]
    places = {_key(params): place for place, params in enumerate(curves.ranked)}
    complete = [trial for trial in results.trials if _key(trial.params) in places]
    ranked = sorted(complete, key=lambda trial: places[_key(trial.params)])
    found: dict[str, TrialRow] = {}
    for trial in ranked:
        if trial.value is not None and _is_kind(trial):
            found.setdefault(trial.variant, trial)
    return list(found.values())


def _is_kind(trial: TrialRow) -> bool:
    """Whether it is what its variant says: at rate 0 it would be its own twin."""
    return trial.variant == NO_DROPOUT or not drops_nothing(trial.params)


def _key(params: Params) -> frozenset[tuple[str, Scalar]]:
    return frozenset(params.items())


def twin_params(params: Params) -> dict[str, Scalar]:
    """The same network without dropout: what is shared stays, what is the variant's own goes."""
    variant = str(params["variant"])
    base = str(params.get(f"{variant}.base", variant))
    return twin_of(params) | ({"variant": base} if base in _SWITCHED_OFF else {})


def _default(trials: Sequence[TrialRow]) -> TrialRow | None:
    """The second baseline: standard dropout at 0.5."""
    found = (t for t in trials if t.role == BASELINE and t.variant == "standard")
    return next((trial for trial in found if trial.state == "COMPLETE"), None)


def _as_written(results: Results) -> Iterator[Candidate]:
    """A user's own model with its own rates, in the middle of what is searched of it."""
    rates = attrs.WRITTEN_RATES.of(results.attrs)
    first = next((trial for trial in results.trials if trial.role == BASELINE), None)
    if any(rate > 0 for rate in rates) and first is not None:
        shared = shared_of(first.params)
        built = {name: shared[name] for name in shared if name not in Training.model_fields}
        params = {"variant": AS_WRITTEN, "rate": sum(rates) / len(rates), **built}
        yield Candidate(AS_WRITTEN, params, first.number, 0)


def _candidate(row: TrialRow, is_default: bool, fixed: frozenset[str]) -> Candidate:
    searched = [name for name in row.params if name not in fixed and name != "variant"]
    is_dropout = row.variant != NO_DROPOUT
    if not is_dropout:
        searched = [name for name in searched if name != "rate"]
    name = DEFAULT if is_default else row.variant
    return Candidate(name, row.params, row.number, len(searched), is_dropout)


def _at_choices(
    results: Results, none: Candidate, candidates: Sequence[Candidate]
) -> Iterator[Candidate]:
    """No dropout at each width that was searched, and at other shared choices of candidates."""
    for name, axis in results.definition.space.axes.items():
        if not isinstance(axis, tuple) or name not in shared_of(none.params):
            continue
        had = {each.params.get(name) for each in candidates}
        for value in axis:
            if value != none.params[name] and (name == "width" or value in had):
                called = f"{NO_DROPOUT} at {name.replace('_', ' ')} {value}"
                yield replace(none, name=called, params={**none.params, name: value})


def _with_twins(nones: list[Candidate], candidates: Sequence[Candidate]) -> list[Candidate]:
    """Networks without dropout and candidates, each with its twin, which is added if missing."""
    found, named = list(nones), list[Candidate]()
    for each in candidates:
        params = twin_params(each.params)
        twin = next((none for none in found if _same(none.params, params)), None)
        if twin is None:
            twin = replace(nones[0], name=_name(params, each, found), params=params)
            twin = replace(twin, trial=each.trial)
            found.append(twin)
        named.append(replace(each, twin=twin.name))
    return [*found, *named]


def _same(first: Mapping[str, Scalar], second: Mapping[str, Scalar]) -> bool:
    return dict(first) == dict(second)


def _name(params: Params, candidate: Candidate, others: Sequence[Candidate]) -> str:
    """`alpha at rate 0`, or `none like gaussian`: other shared params than any so far."""
    variant = str(params["variant"])
    name = variant if variant == NO_DROPOUT else f"{variant} at rate 0"
    taken = any(each.name == name for each in others)
    return f"{name}{LIKE}{candidate.name}" if taken else name

"""Four lines that answer the question of a study, before any table."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import optuna
from joblib import cpu_count
from optuna.storages import BaseStorage

from tuner.comparison.candidates import choose
from tuner.comparison.companion import is_comparison
from tuner.comparison.cost import cost_of, epoch_ratio
from tuner.comparison.result import ComparisonResult
from tuner.comparison.statistics.decision import Case
from tuner.comparison.verdict import judge_if_compared
from tuner.errors import UsageError
from tuner.schema import Params
from tuner.study.curves.answer import Curves
from tuner.study.curves.fitting import FEWEST, fit
from tuner.study.formatting import difference, duration, size, value
from tuner.study.reading import outline
from tuner.study.results import Results, TrialRow
from tuner.study.summary import network

LIKELY = 0.9
"""The probability from which dropout is said to help, as far as a search can tell."""


@dataclass(frozen=True)
class Answer:
    """What to use and how sure that is, which rates are safe, what it cost, what to do next."""

    answer: str
    safe_rates: str
    cost: str
    next: str

    def lines(self) -> list[tuple[str, str]]:
        """Each with its name; those that say nothing are left out."""
        named = ((name.capitalize().replace("_", " "), text) for name, text in asdict(self).items())
        return [(name, text) for name, text in named if text]


def answer_in(study: optuna.Study, store: BaseStorage) -> Answer | None:
    """The answer of a study of the store; None of one that compares candidates."""
    if is_comparison(study):
        return None
    return answer_of(outline(study), store, judge_if_compared(study, store))


def use(results: Results, result: ComparisonResult | None) -> tuple[Params, str]:
    """The params that the answer says to use, and why: those of its comparison, if there is one.

    Without dropout, unless it helps, or has the best expectation while nothing is compared.
    """
    curves = fit(results)
    if result is not None:
        helps = curves is None or result.decision.case in (Case.HELPS, Case.NO_TWIN)
        named = result.decision.named.candidate.params
        return (named if curves is None or helps else curves.best_none), result.sentence
    if curves is None:
        assert results.best is not None  # noqa: S101
        return results.best.params, f"Trial {results.best.number}, the best so far."
    return curves.recommended, _searched(results, curves)


def answer_of(results: Results, store: BaseStorage, result: ComparisonResult | None) -> Answer:
    """The answer of a study as far as it is: of its comparison, where there is one.

    Where it says how long something takes, a training runs on each core.
    """
    curves = fit(results)
    compared = () if result is None else tuple(result.results.trials)
    named = None if result is None else result.decision.named.candidate.params
    best = None if curves is None else subject(curves, named)
    return Answer(
        _searched(results, curves) if result is None else result.sentence,
        "" if curves is None or best is None else _safe_rates(curves, best, results.metric),
        _cost((*results.trials, *compared), best),
        _compare(results, curves, store) if result is None else _after(result),
    )


def _searched(results: Results, curves: Curves | None) -> str:
    """What one seed a trial can tell."""
    if curves is None:
        n, more = results.counts.complete, f"tuner search {results.definition.name} --add 10"
        said = f"{n} {'trial is' if n == 1 else 'trials are'} complete"
        if n < FEWEST:
            return f"{said}, too few to say anything: it takes {FEWEST} ({more})."
        return f"{said}, none of them without dropout: nothing can be said of it ({more})."
    best, none = curves.best_dropout, curves.best_none
    if best is None:
        return "No variant of dropout has two complete trials yet: nothing can be said of one."
    metric, found = results.metric, curves.difference(best, none)
    gain = f"{difference(found, metric)} the best network without it"
    effect = f"{difference(curves.effect_of(best), metric)} the same network without"
    probable = _probable(curves.p_helps)
    if found.mean < curves.model.noise:
        expected = value(curves.value_of(none), metric)
        small = ", less than another seed changes" if abs(found.mean) < curves.model.noise else ""
        return (
            f"Dropout is not shown to help: use {network(none)}, {expected} expected. The best with"
            f" dropout, {network(best)}, is {gain}{small}."
        )
    said = "Dropout helps, probably" if curves.p_helps >= LIKELY else "Leading, not shown to help"
    return (
        f"{said}: {network(best)}, {value(curves.value_of(best), metric)} expected; {gain}"
        f" ({network(none)}), {effect}. That it helps is {probable}; only fresh seeds show it."
    )


def _probable(p: float) -> str:
    """In percent; nothing that was estimated is certain."""
    if p > 0.99:
        return "more than 99 % probable"
    return f"{100 * p:.0f} % probable" if p >= 0.01 else "less than 1 % probable"


def subject(curves: Curves, named: Params | None) -> Params | None:
    """The network with dropout that the answer is about: that of the verdict, if there is one."""
    if named is not None and named["variant"] in curves.n_complete.keys() - {"none"}:
        return named
    return curves.best_dropout


def _safe_rates(curves: Curves, best: Params, metric: str) -> str:
    """The rates around the peak that cost less than another seed does."""
    loss = curves.model.noise
    low, high = curves.safe_rates(loss, best) or (0.0, 0.0)
    return (
        f"{network(best, rate=False)}: from {low:.2g} to {high:.2g} it is within"
        f" {size(loss, metric)} of its best, less than another seed changes."
    )


def _cost(trials: Iterable[TrialRow], best: Params | None) -> str:
    """Epochs and seconds that were spent, and what an epoch with dropout takes."""
    rows = [row for row in trials if row.is_finished]
    epochs, seconds = sum(row.n_epochs for row in rows), sum(row.seconds or 0.0 for row in rows)
    said = f"{len(rows)} trainings, {epochs:,} epochs, {duration(seconds)} of one process."
    if best is None:
        return said
    ratio = epoch_ratio(rows, best)
    return said if ratio is None else f"{said} An epoch with {best['variant']} takes {ratio}."


def _compare(results: Results, curves: Curves | None, store: BaseStorage) -> str:
    """The command that makes sure, and what it takes."""
    name = results.definition.name
    try:
        candidates = choose(results, curves=curves)
        cost = cost_of(results, candidates, results.definition.compare.seeds, store)
    except UsageError as error:
        return f"tuner search {name} --add 10: {error}"
    each = (cost.seconds_each or 0.0) / cpu_count()
    time = " to ".join(duration(n * each) for n in (cost.at_least, cost.at_most))
    return (
        f"tuner compare {name} trains the best of each variant and the same networks without"
        f" dropout on fresh seeds ({cost.at_least} to {cost.at_most} trainings, {time})."
    )


def _after(result: ComparisonResult) -> str:
    name, decision = result.study, result.decision
    if decision.case in (Case.TOO_FEW, Case.ONE_SEED) and decision.n_seeds:
        return f"tuner compare {name} --seeds {decision.n_seeds} for an answer."
    return (
        f"tuner report {name} writes all of it on one page; tuner claims {name} what dropout did."
    )

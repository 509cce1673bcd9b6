"""What dropout is said to do, claim by claim, measured on the candidates of a comparison."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from tuner.comparison.measures import MEASURES, Measure
from tuner.comparison.result import ComparisonResult
from tuner.comparison.statistics.estimates import Estimate, estimate
from tuner.comparison.statistics.labels import label
from tuner.comparison.statistics.pairwise import Standing
from tuner.comparison.statistics.race import looks_of
from tuner.errors import UsageError, unknown
from tuner.study import attrs
from tuner.study.results import Results, TrialRow


class NoClaimsError(UsageError):
    """No candidate without dropout, or none with it, has the seeds that claims are measured on."""


@dataclass(frozen=True)
class Finding:
    """A measure without dropout and with it, means over seeds, and the paired difference.

    The interval holds for all measures of all candidates at once; `holds` is None where it does not
    tell. What has no value without dropout is its own difference.
    """

    claim: str
    measure: str
    without: float | None
    with_dropout: float
    difference: float
    interval: tuple[float, float] | None
    holds: bool | None
    is_metric: bool


@dataclass(frozen=True)
class Claims:
    """The findings on two candidates of a study, with `n` seeds."""

    study: str
    metric: str
    without: str
    with_dropout: str
    n: int
    is_twin: bool
    findings: tuple[Finding, ...]

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Titles and rows, a claim's first with its name."""
        titles = ["claim", "measure", "without", "with", "difference", "holds"]
        rows, said = [], ""
        for found in self.findings:
            factor, digits = self._unit(found)
            write = partial(_written, factor=factor, digits=digits, sign="")
            ends = "" if found.interval is None else f" [{', '.join(map(write, found.interval))}]"
            rows.append(
                [
                    "" if found.claim == said else found.claim,
                    found.measure + (" %" if factor == 100 else ""),
                    "-" if found.without is None else write(found.without),
                    write(found.with_dropout),
                    write(found.difference, sign="+") + ends,
                    {True: "yes", False: "opposite", None: "not shown"}[found.holds],
                ]
            )
            said = found.claim
        return titles, rows

    def _unit(self, found: Finding) -> tuple[int, int]:
        """What a number is multiplied by, and its decimals."""
        if found.is_metric and self.metric == "accuracy":
            return 100, 2
        return 1, 3 if abs(found.with_dropout) < 10 else 1

    def lines(self) -> Sequence[str]:
        """What is said below the table."""
        text = (
            f"Without: {self.without}; with: {self.with_dropout}; {self.n} fresh seeds, measured on"
            " test rows. The intervals (95 %) hold for all measures of all candidates at once."
        )
        if self.is_twin:
            return [text, "It is the same network, with and without dropout."]
        return [text, "The two may differ in more than dropout: this comparison has no twins."]


def examine(result: ComparisonResult, variant: str | None = None) -> Claims:
    """The claims for a candidate and its twin: `variant`, else the one that the verdict names.

    One of an earlier version, without a twin, is compared with no dropout as the search found it.
    Raises NoClaimsError where none is with or none without dropout, UsageError where there is no
    such candidate.
    """
    comparison = result.comparison
    rows = {row.candidate.name: row for row in comparison.judged if row.candidate.is_dropout}
    named = variant or result.decision.named.candidate.name
    if not comparison.nones:
        raise NoClaimsError(f"no candidate of {result.study!r} is without dropout, on two seeds")
    if not rows:
        raise NoClaimsError(unknown("candidate with dropout", named, rows))
    if variant is not None and variant not in rows:
        raise UsageError(unknown("candidate with dropout", variant, rows))
    row = rows.get(named) or max(rows.values(), key=comparison.gained)
    none = comparison.twin_of(row) or comparison.row(comparison.scores.nones[0].name)
    found = (_finding(result, measure, row, none) for measure in MEASURES)
    return Claims(
        study=result.study,
        metric=result.results.metric,
        without=label(none.candidate),
        with_dropout=label(row.candidate),
        n=len(_seeds(result, row.candidate.name, none.candidate.name)),
        is_twin=row.candidate.twin is not None,
        findings=tuple(finding for finding in found if finding is not None),
    )


def examine_if_compared(result: ComparisonResult | None) -> Claims | None:
    """The claims for the candidate that the verdict names, where there is anything to say."""
    try:
        found = None if result is None else examine(result)
    except NoClaimsError:
        return None
    return found if found is not None and found.findings else None


def write(claims: Claims, folder: Path) -> list[Path]:
    """Write the claims as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "claims.json"
    path.write_text(json.dumps(asdict(claims), indent=2) + "\n", encoding="utf-8")
    return [path]


def _seeds(result: ComparisonResult, *names: str) -> list[int]:
    """The seeds that all have finished; of a race's leader those it was not chosen on."""
    scores, first = result.comparison.scores, result.comparison.scores.leader
    in_common = set.intersection(*(set(result.trials[name]) for name in names))
    seeds = attrs.SEEDS.of(result.results.attrs)
    begin = scores.race.qualifying if scores.race and first and first.name in names else 0
    return [s for s in seeds[begin:] if s in in_common] or [s for s in seeds if s in in_common]


def _finding(
    result: ComparisonResult, measure: Measure, row: Standing, none: Standing
) -> Finding | None:
    """A measure on the seeds that both have; None where one of them has no such number."""
    results, scores = result.results, result.comparison.scores
    of = len(MEASURES) * (len(scores.dropouts) if scores.race is None else len(looks_of(scores)))
    after = _values(results, measure, result.trials[row.candidate.name])
    before = _values(results, measure, result.trials[none.candidate.name])
    alone = measure.claimed == "no worse"
    known = after if alone else after.keys() & before.keys()
    seeds = [s for s in _seeds(result, row.candidate.name, none.candidate.name) if s in known]
    if not seeds:
        return None
    differences = [after[seed] - (0.0 if alone else before[seed]) for seed in seeds]
    is_metric = measure.least_spread is None
    least = measure.least_spread or scores.least_spread
    difference = estimate(differences, least)
    assert difference is not None  # noqa: S101
    margin = row.mean.spread or 0.0 if alone and row.mean else 0.0
    sign = {"less": -1, "more": 1}.get(measure.claimed, scores.sign)
    return Finding(
        claim=measure.claim,
        measure=measure.text.format(metric=results.metric),
        without=None if alone else statistics.fmean(before[seed] for seed in seeds),
        with_dropout=statistics.fmean(after[seed] for seed in seeds),
        difference=difference.value,
        interval=difference.interval(of),
        holds=_holds(difference, of, sign, margin),
        is_metric=is_metric,
    )


def _values(results: Results, measure: Measure, trials: Mapping[int, TrialRow]) -> dict[int, float]:
    """The measure by seed, where a trial has it."""
    found = {seed: measure.value(results, row) for seed, row in trials.items()}
    return {seed: value for seed, value in found.items() if value is not None}


def _holds(difference: Estimate, of: int, sign: int, margin: float) -> bool | None:
    """Whether the whole interval is on the claimed side of 0, or of a margin below it."""
    interval = difference.interval(of)
    if interval is None:
        return None
    low, high = sorted(sign * end for end in interval)
    return True if low > -margin else False if high < -margin else None


def _written(value: float, *, factor: int, digits: int, sign: str) -> str:
    return f"{round(factor * value, digits) + 0.0:{sign}.{digits}f}"

"""Results of a study -> what the model learns from."""

from collections.abc import Sequence

import numpy as np

from tuner.study import attrs
from tuner.study.curves.kernel import Component
from tuner.study.curves.points import Encoder, Floats
from tuner.study.curves.pruned import Extrapolation, Learning, features
from tuner.study.curves.tried import NOISE, Tried, spread
from tuner.study.curves.values import Transform
from tuner.study.results import Results, TrialRow

MOST_LEARNED = 2000
_BEST = 200


def tried(results: Results, most: int = MOST_LEARNED) -> Tried | None:
    """The trials that say something: complete ones, failed ones, and pruned ones extrapolated.

    A trial that failed, as one that diverged, counts as the worst of the complete ones: else the
    same would be tried again and again. None where none is complete. Of more than `most` trials so
    many are learned from, whatever they are worth, and the best that are left out are named.
    """
    known = [row for row in results.trials if row.params and not row.is_open]
    best = _best(known, maximize=results.maximize) if len(known) > most else []
    rows = _few(known, most)
    complete = [row for row in rows if row.value is not None]
    if not complete:
        return None
    values = np.array([row.value for row in complete], float)
    without = values[[row.rate == 0 for row in complete]]
    transform = Transform.of(values, without, maximize=results.maximize)
    pruned = [row for row in rows if row.state == "PRUNED"]
    rest = _extrapolated(complete, pruned, results, transform)
    failed = [row for row in rows if row.state == "FAIL"]
    worst = values.min() if results.maximize else values.max()
    means = transform.backward(np.array([mean for _, mean, _ in rest]))
    return Tried(
        [row.params for row in [*complete, *failed, *(row for row, _, _ in rest)]],
        np.concatenate([values, np.full(len(failed), worst), means]),
        transform,
        np.append(np.zeros(len(values) + len(failed)), [variance for _, _, variance in rest]),
        results.sampled,
        _noise(values, transform, results),
        [row.params for row in best],
    )


def _few(rows: Sequence[TrialRow], most: int) -> Sequence[TrialRow]:
    """At most so many trials, a quarter of them without dropout, the others shared by the variants.

    Those of one variant are at equal distances among all that it has.
    """
    if len(rows) <= most:
        return rows
    groups: dict[str, list[TrialRow]] = {"none": []}
    for row in rows:
        groups.setdefault(row.variant, []).append(row)
    kept = spread(groups.pop("none"), most // 4)
    for place, group in enumerate(sorted(groups.values(), key=len)):
        kept += spread(group, (most - len(kept)) // (len(groups) - place))
    return sorted(kept, key=lambda row: row.number)


def _best(rows: Sequence[TrialRow], *, maximize: bool) -> list[TrialRow]:
    """The complete trials of the best values."""
    complete = [row for row in rows if row.value is not None]
    values = np.array([row.value for row in complete], float)
    order = np.argsort(-values if maximize else values, kind="stable")
    return [complete[i] for i in order[:_BEST]]


def _extrapolated(
    complete: Sequence[TrialRow], pruned: Sequence[TrialRow], results: Results, transform: Transform
) -> list[tuple[TrialRow, float, float]]:
    """Pruned trials with the mean and the variance, as modelled, of what they would have had."""
    if not pruned:
        return []
    rows = [*complete, *pruned]
    points = Encoder.of([row.params for row in rows], results.sampled).points(
        [row.params for row in rows]
    )
    values = [_values(row, results) for row in rows]
    curves = np.split(
        transform.forward(np.concatenate(values)), np.cumsum([len(each) for each in values])[:-1]
    )
    learned = [
        Learning(each, curve, row.value is not None)
        for each, curve, row in zip(features(points), curves, rows, strict=True)
    ]
    told = Extrapolation(learned).each(learned[len(complete) :])
    return [(row, *said) for row, said in zip(pruned, told, strict=True) if said is not None]


def _values(row: TrialRow, results: Results) -> Floats:
    """The metric on the validation part after each epoch."""
    history = results.histories.get(row.number, {})
    return np.asarray(history.get(f"val_{results.metric}", ()), float)


def _noise(values: Floats, transform: Transform, results: Results) -> Component:
    """What is known of the noise of seeds beforehand.

    Of an accuracy it is part of the binomial variance: all of it, if each row were right by chance,
    and less as most rows are right, or wrong, with every seed.
    """
    rows = attrs.N_VALIDATION.of(results.attrs)
    if not results.is_share or not rows:
        return NOISE
    middle = float(np.median(values))
    variance = max(middle * (1 - middle), 1 / rows) / rows
    return Component("noise", 0.5 * variance / transform.scale**2, 1.0)

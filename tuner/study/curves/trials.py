"""Results of a study -> what the model learns from."""

from collections.abc import Sequence

import numpy as np

from tuner.study import attrs
from tuner.study.curves.kernel import Component
from tuner.study.curves.model import NOISE, Tried
from tuner.study.curves.points import Encoder, Floats
from tuner.study.curves.pruned import Extrapolation, Learning, features
from tuner.study.curves.values import Transform
from tuner.study.results import Results, TrialRow


def tried(results: Results) -> Tried | None:
    """The trials that say something: complete ones, failed ones, and pruned ones extrapolated.

    A trial that failed, as one that diverged, counts as the worst of the complete ones: else the
    same would be tried again and again. None where none is complete.
    """
    complete = [row for row in results.trials if row.value is not None and row.params]
    if not complete:
        return None
    values = np.array([row.value for row in complete], float)
    without = values[[row.rate == 0 for row in complete]]
    transform = Transform.of(values, without, maximize=results.maximize)
    pruned = [row for row in results.trials if row.state == "PRUNED" and row.params]
    rest = _extrapolated(complete, pruned, results, transform)
    failed = [row for row in results.trials if row.state == "FAIL" and row.params]
    worst = values.min() if results.maximize else values.max()
    means = transform.backward(np.array([mean for _, mean, _ in rest]))
    return Tried(
        [row.params for row in [*complete, *failed, *(row for row, _, _ in rest)]],
        np.concatenate([values, np.full(len(failed), worst), means]),
        transform,
        np.append(np.zeros(len(values) + len(failed)), [variance for _, _, variance in rest]),
        results.sampled,
        _noise(values, transform, results),
    )


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
    learned = [
        Learning(each, transform.forward(_values(row, results)), row.value is not None)
        for each, row in zip(features(points), rows, strict=True)
    ]
    found, extrapolation = [], Extrapolation(learned)
    for row, each in zip(rows[len(complete) :], learned[len(complete) :], strict=True):
        said = extrapolation.of(each)
        if said is not None:
            found.append((row, *said))
    return found


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

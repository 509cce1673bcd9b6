"""Searches whose truth is known: value by variant, rate and width, and the noise of seeds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tuner.schema import Params, Range
from tuner.study.curves.answer import Curves
from tuner.study.curves.candidates import twin_of
from tuner.study.curves.fitting import of_values
from tuner.study.curves.known import Known
from tuner.study.curves.proposing import suggest
from tuner.study.curves.tried import Tried

VARIANTS = ("none", "standard", "gaussian", "scheduled", "mc", "dropconnect", "spatial")
WIDTHS = (64, 256, 512)
RATES = tuple(i / 20 for i in range(1, 17))
AXES = {"rate": Range(low=0.0, high=0.8)}


def _params(variant: str, rate: float, width: int) -> Params:
    return {"variant": variant, "rate": rate, "width": width}


POINTS = (
    *(_params("none", 0.0, width) for width in WIDTHS),
    *(
        _params(variant, rate, width)
        for variant in VARIANTS[1:]
        for rate in RATES
        for width in WIDTHS
    ),
)
START = tuple(
    params
    for params in POINTS
    if params["variant"] == "none" or (params["rate"] == 0.25 and params["width"] == 256)
)
_SURE = 0.975

Effect = Callable[[np.random.Generator], Callable[[str, float, float], float]]
"""Draws what dropout does: variant, rate, and width from 0 to 1 -> what the value gains."""


@dataclass(frozen=True)
class Search:
    """What is true of a search; the noise of a seed has a standard deviation of `noise`.

    `by_width` is the standard deviation of what each width is worth without dropout.
    """

    name: str
    effect: Effect
    by_width: float = 0.5
    noise: float = 0.5


@dataclass(frozen=True)
class Counts:
    """Of one study, or means over studies: what held, and what the answer loses to the best.

    `sure` is how often dropout is said to help with at least 97.5 %, `wrong` how often that is
    false. `lucky` is what the trial of the best value loses.
    """

    value: float
    effect: float
    gain: float
    sure: float
    wrong: float
    regret: float
    lucky: float


def simulate(search: Search, n_trials: int, n_studies: int, seed: int, *, chosen: bool) -> Counts:
    """Means over studies whose trials are `chosen` by the model, or else at random."""
    found = [_study(search, n_trials, (seed, number), chosen) for number in range(n_studies)]
    return Counts(*np.mean([list(vars(each).values()) for each in found], axis=0).tolist())


def _study(search: Search, n_trials: int, seed: tuple[int, int], chosen: bool) -> Counts:
    generator = np.random.default_rng(seed)
    gained = search.effect(generator)
    widths = search.by_width * generator.standard_normal(len(WIDTHS))
    truth = [widths[_place(each)] + _gain(gained, each) for each in POINTS]
    index = {frozenset(each.items()): i for i, each in enumerate(POINTS)}

    def true(params: Params) -> float:
        return float(truth[index[frozenset(params.items())]])

    tried: list[Params] = list(START)
    values = [true(each) + search.noise * generator.standard_normal() for each in tried]
    for number in range(len(tried), n_trials):
        if chosen:
            known = Tried.of(tried, values, maximize=True, axes=AXES)
            tried.append(suggest(known, POINTS, (), number))
        else:
            tried.append(POINTS[_anywhere(generator)])
        values.append(true(tried[-1]) + search.noise * generator.standard_normal())
    found = of_values(tried, values, maximize=True, axes=_LISTED)
    return _counts(found, true, max(truth), tried[int(np.argmax(values))])


_LISTED = {"rate": (0.0, *RATES)}


def _counts(found: Curves, true: Callable[[Params], float], best: float, lucky: Params) -> Counts:
    chosen = found.recommended
    drop, none = found.best_dropout, found.best_none
    of_twin = true(chosen) - true(twin_of(chosen))
    helps = drop is not None and true(drop) > true(none)
    sure = found.p_helps >= _SURE
    return Counts(
        value=_holds(found.recommendation.value, true(chosen)),
        effect=_holds(found.effect, of_twin),
        gain=_holds(found.gain, true(chosen) - true(none)),
        sure=float(sure),
        wrong=float(sure and not helps),
        regret=best - true(chosen),
        lucky=best - true(lucky),
    )


def _holds(known: Known, truth: float) -> float:
    return float(known.low - 1e-9 <= truth <= known.high + 1e-9)


def _place(params: Params) -> int:
    return WIDTHS.index(int(params["width"]))


def _gain(gained: Callable[[str, float, float], float], params: Params) -> float:
    rate = float(params["rate"])
    return gained(str(params["variant"]), rate, _place(params) / 2) if rate > 0 else 0.0


def _anywhere(generator: np.random.Generator) -> int:
    """A point at random, each variant as often as any."""
    variant = VARIANTS[int(generator.integers(len(VARIANTS)))]
    here = [i for i, each in enumerate(POINTS) if each["variant"] == variant]
    return here[int(generator.integers(len(here)))]

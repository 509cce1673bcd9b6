"""Whether what a search says it knows is so: simulated searches of known truth."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import numpy as np
from simulated.searches import POINTS, VARIANTS, Counts, Search, simulate
from speed import performance

N_TRIALS = 50
Gained = Callable[[str, float, float], float]


def bump(rate: float, peak: float) -> float:
    """1 at the peak, 0 at a rate of 0, and below where the rate is too high."""
    x = rate / peak
    return float(x * np.exp(1 - x) - 2 * max(0.0, rate - peak - 0.2) ** 2)


def nothing(_generator: np.random.Generator) -> Gained:
    return lambda variant, rate, wide: 0.0


def harm(_generator: np.random.Generator) -> Gained:
    return lambda variant, rate, wide: -2.0 * rate


def same(generator: np.random.Generator) -> Gained:
    peak, height = generator.uniform(0.2, 0.6), abs(generator.normal(0, 1))
    return lambda variant, rate, wide: height * bump(rate, peak)


def own(generator: np.random.Generator) -> Gained:
    peaks = dict(zip(VARIANTS, generator.uniform(0.15, 0.65, len(VARIANTS)), strict=True))
    heights = dict(zip(VARIANTS, generator.normal(0, 0.8, len(VARIANTS)), strict=True))
    return lambda variant, rate, wide: heights[variant] * bump(rate, peaks[variant])


def wide_only(generator: np.random.Generator) -> Gained:
    peak, height = generator.uniform(0.2, 0.6), abs(generator.normal(0, 1.5))
    return lambda variant, rate, wide: height * (2 * wide - 1) * bump(rate, peak)


def one_only(generator: np.random.Generator) -> Gained:
    best, peak = generator.choice(VARIANTS[1:]), generator.uniform(0.2, 0.6)
    return lambda variant, rate, wide: (1.5 if variant == best else 0.0) * bump(rate, peak)


SEARCHES = (
    Search("dropout does nothing, widths differ", nothing, by_width=1.0),
    Search("dropout only harms", harm),
    Search("all variants alike, one peak", same),
    Search("each variant its own peak and height", own),
    Search("each variant its own, little noise", own, noise=0.15),
    Search("helps wide networks, harms narrow ones", wide_only),
    Search("one variant helps, the others do nothing", one_only),
)
TEXT = (
    "{n} trials a search on {points} points, {studies} searches a row. `held`: how often, in"
    " percent, the 95 % interval has the truth in it: of the value that is expected of the"
    " recommendation, of its difference to the same network without dropout (effect), and to the"
    " best without (gain)."
    " `sure`: how often dropout is said to help with at least 97.5 %, and how often that is wrong."
    " `loses`: how much worse the recommendation is than the best, and `luckiest` the trial of the"
    " best value, in standard deviations of a seed's noise."
)


@click.command()
@click.option("--studies", type=click.IntRange(2), default=200, show_default=True)
@click.option("--trials", type=click.IntRange(12), default=N_TRIALS, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(studies: int, trials: int, seed: int, write: Path | None) -> None:
    """Simulate searches, and show what of what they say is so."""
    found = {
        (search, chosen): simulate(search, trials, studies, seed, chosen=chosen)
        for search in SEARCHES
        for chosen in (False, True)
    }
    shown = table(found, trials, studies)
    click.echo(shown)
    if write:
        performance.write(write, "knowing", shown, sys.argv, ("numpy", "scipy"))


def table(found: Mapping[tuple[Search, bool], Counts], n_trials: int, n_studies: int) -> str:
    """One row for a truth and a way to choose trials."""
    header = ("truth", "trials", "value held", "effect held", "gain held", "sure", "wrong")
    rows = [
        (
            search.name,
            "curves" if chosen else "random",
            *(f"{100 * getattr(each, name):.1f}" for name in ("value", "effect", "gain")),
            *(f"{100 * getattr(each, name):.1f}" for name in ("sure", "wrong")),
            *(f"{getattr(each, name) / search.noise:.2f}" for name in ("regret", "lucky")),
        )
        for (search, chosen), each in found.items()
    ]
    text = TEXT.format(n=n_trials, points=len(POINTS), studies=n_studies)
    return performance.section("What held", text, (*header, "loses", "luckiest loses"), rows)


if __name__ == "__main__":
    main()

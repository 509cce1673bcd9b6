"""The trials of a comparison: by finalist and seed, and as numbers to judge."""

import math
from collections.abc import Mapping

from tuner.comparison.candidates import DEFAULT, NO_DROPOUT
from tuner.comparison.statistics.scored import Finalist, Finals, Role
from tuner.study.results import Results, TrialRow

_ROLES: Mapping[str, Role] = {NO_DROPOUT: "no dropout", DEFAULT: "standard 0.5"}


def trials_of(finals: Results) -> dict[str, dict[int, TrialRow]]:
    """The complete trials of each finalist by seed, without those that diverged."""
    seeds = finals.attrs.get("seeds", ())
    found: dict[str, dict[int, TrialRow]] = {}
    for finalist in finals.attrs.get("finalists", ()):
        own = {
            t.seed: t
            for t in finals.trials
            if t.value is not None and math.isfinite(t.value) and t.params == finalist["params"]
        }
        found[finalist["name"]] = {seed: own[seed] for seed in seeds if seed in own}
    return found


def numbers_of(finals: Results, trials: Mapping[str, Mapping[int, TrialRow]]) -> Finals:
    """What the statistics of a verdict need to know; None where a seed is not finished."""
    attrs = finals.attrs
    rows = {
        name: [by_seed.get(seed) for seed in attrs["seeds"]] for name, by_seed in trials.items()
    }
    finalists = tuple(
        Finalist(
            name=each["name"],
            variant=each["params"]["variant"],
            params=each["params"],
            n_knobs=each["n_knobs"],
            values=tuple(None if row is None else row.value for row in rows[each["name"]]),
            role=_ROLES.get(each["name"], "searched"),
        )
        for each in attrs["finalists"]
    )
    return Finals(finalists, finals.metric, finals.direction, attrs["n_test"])  # type: ignore[arg-type]

"""What replayed searches lose, as tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from replay.method import Answer, Seeds
from replay.truth import Truth
from replay.world import Floats, World
from speed import performance

Found = dict[str, dict[str, list[list[Answer]]]]
"""By contender and table: the answers of each replication, one for each budget."""
BASELINES = ("tpe", "random")
DECIDING = 50
TOGETHER = (
    "Mean regret after so many trials over {tables}, with its standard error, in units of what lies"
    " between median and best point: {spreads}. Ratios, `worse` and `epochs` are after {deciding}"
    " trials; a ratio is over the replications that both searches have."
)
EACH = (
    "Mean regret in {unit} after so many trials, with its standard error. {points} points, {seeds}"
    " seeds; the best point is {best}."
)


@dataclass(frozen=True)
class Losses:
    """Of one search on one table: regrets [replications, budgets], what luck would add to them
    [replications], and after the deciding budget whether the recommendation is worse than no
    dropout, and the share of the epochs.
    """

    regrets: Floats
    luck: Floats
    worse: Floats
    epochs: Floats


def losses(world: World, replications: Sequence[Sequence[Answer]], deciding: int) -> Losses:
    """What the answers of one search on one table lose."""
    truth = Truth(world)
    regrets = [
        [truth.regret(answer.point, Seeds.of(world, number)) for answer in answers]
        for number, answers in enumerate(replications)
    ]
    decided = [next(a for a in answers if a.trials == deciding) for answers in replications]
    return Losses(
        np.array(regrets),
        np.array([truth.luck(Seeds.of(world, number)) for number in range(len(replications))]),
        np.array([truth.is_worse(answer.point) for answer in decided], float),
        np.array([answer.epochs / (deciding * world.epochs) for answer in decided]),
    )


def tables(found: Found, worlds: Mapping[str, World], budgets: Sequence[int]) -> dict[str, str]:
    """A table over all worlds, and one for each."""
    deciding = DECIDING if DECIDING in budgets else budgets[-1]
    all_losses = {
        name: {world: losses(worlds[world], each, deciding) for world, each in of_one.items()}
        for name, of_one in found.items()
    }
    shown = {"regret": _together(all_losses, worlds, budgets, deciding)}
    for world in worlds:
        of_world = {name: each[world] for name, each in all_losses.items()}
        shown[f"regret: {world}"] = _each(of_world, worlds[world], budgets, deciding)
    return shown


def _together(
    found: Mapping[str, Mapping[str, Losses]],
    worlds: Mapping[str, World],
    budgets: Sequence[int],
    deciding: int,
) -> str:
    spreads = {name: Truth(world).spread for name, world in worlds.items()}
    scaled = {
        name: {world: each.regrets / spreads[world] for world, each in of_one.items()}
        for name, of_one in found.items()
    }
    column, rows = list(budgets).index(deciding), []
    decided = {
        name: {world: each[:, column] for world, each in of_one.items()}
        for name, of_one in scaled.items()
    }
    lucky = {
        name: {
            world: each + found[name][world].luck / spreads[world] for world, each in of_one.items()
        }
        for name, of_one in decided.items()
    }
    for name, of_one in scaled.items():
        cells = [_mean([each[:, i] for each in of_one.values()]) for i in range(len(budgets))]
        ratios = [
            _ratio(each[name], each.get(other)) for each in (decided, lucky) for other in BASELINES
        ]
        worse = _mean([each.worse for each in found[name].values()], 100, 0)
        epochs = np.mean([each.epochs.mean() for each in found[name].values()])
        number = min(len(each) for each in of_one.values())
        rows.append((name, number, *cells, *ratios, f"{worse} %", f"{100 * epochs:.0f} %"))
    header = (
        "search",
        "replications",
        *map(str, budgets),
        "x TPE's",
        "x random's",
        "with luck: x TPE's",
        "with luck: x random's",
        "worse",
        "epochs",
    )
    shown = ", ".join(f"{_amount(worlds[name], each)} for {name}" for name, each in spreads.items())
    text = TOGETHER.format(
        tables="one table" if len(worlds) == 1 else f"{len(worlds)} tables",
        spreads=shown,
        deciding=deciding,
    )
    return performance.section("Regret", text, header, rows)


def _each(found: Mapping[str, Losses], world: World, budgets: Sequence[int], deciding: int) -> str:
    factor, unit = _unit(world)
    digits = 2 if factor == 100 else 3
    rows = [
        (
            name,
            *(_mean([each.regrets[:, i]], factor, digits) for i in range(len(budgets))),
            f"{_mean([each.worse], 100, 0)} %",
        )
        for name, each in found.items()
    ]
    truth = Truth(world)
    best = world.points[truth.best]
    none = world.points[truth.best_none]
    gain = _amount(world, float(truth.means[truth.best] - truth.means[truth.best_none]))
    text = EACH.format(
        unit=unit,
        points=len(world.points),
        seeds=world.validation.shape[1],
        best=f"{best.variant} at {best.rate:g}, width {best.width}, {gain} better than no dropout"
        f" at width {none.width}",
    )
    header = ("search", *map(str, budgets), f"worse after {deciding}")
    return performance.section(f"Regret: {world.name}", text, header, rows)


def _unit(world: World) -> tuple[int, str]:
    return (100, "points") if world.metric == "accuracy" else (1, world.metric)


def _amount(world: World, value: float) -> str:
    factor, unit = _unit(world)
    return f"{factor * value:.2f} {unit}"


def _mean(parts: Sequence[Floats], factor: float = 1, digits: int = 3) -> str:
    """The mean over tables of the means over replications, and its standard error."""
    mean = np.mean([part.mean() for part in parts])
    error = math.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)) / len(parts)
    return f"{factor * mean:.{digits}f} ± {factor * error:.{digits}f}"


def _ratio(ours: Mapping[str, Floats], theirs: Mapping[str, Floats] | None) -> str:
    """The ratio of mean regrets, and its standard error by the delta method, over pairs."""
    if theirs is None or ours is theirs:
        return "-"
    pairs = [
        (mine[:n], theirs[world][:n])
        for world, mine in ours.items()
        for n in [min(len(mine), len(theirs[world]))]
    ]
    base = float(np.mean([b.mean() for _, b in pairs]))
    if base <= 0:
        return "-"
    ratio = float(np.mean([a.mean() for a, _ in pairs])) / base
    residuals = [a - ratio * b for a, b in pairs]
    error = math.sqrt(sum(each.var(ddof=1) / len(each) for each in residuals)) / len(pairs) / base
    return f"{ratio:.2f} ± {error:.2f}"

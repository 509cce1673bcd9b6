"""Claims about dropout: what holds, what does not, and what more seeds would have to tell."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from tuner.comparison import claims
from tuner.comparison.claims import examine, examine_if_compared
from tuner.comparison.measures import MEASURES, Measure, epochs_to_arrive
from tuner.comparison.result import ComparisonResult
from tuner.comparison.statistics.decision import decide
from tuner.comparison.statistics.pairwise import compare
from tuner.comparison.statistics.scored import ScoredCandidate, Scores
from tuner.errors import UsageError
from tuner.study.definition import METRICS, StudyDefinition
from tuner.study.results import Results, TrialRow
from tuner.study.trial_queue import Counts

N_SEEDS = 10
ZERO = MappingProxyType({"train": 0.0, "rank": 0.0, "noise": 0.0, "scaled": 0.0, "epochs": 0})


def drawn(seed, mean, spread=1.0):
    return mean + spread * np.random.default_rng(seed).standard_normal(N_SEEDS)


def judged(effect=ZERO, metric="accuracy", seed=0, spread=1.0):
    """No dropout and two variants; `effect` is what dropout adds to each, in spreads over seeds."""
    direction = METRICS[metric].direction
    sign = 1 if direction == "maximize" else -1
    trials, histories = {}, {}
    for place, name in enumerate(("none", "standard", "gaussian")):
        added = effect if place else ZERO

        def draw(kind, mean, place=place, added=added):
            own = (seed, place, *kind.encode())
            return drawn(own, mean + spread * added[kind] / 100, spread / 100)

        value = drawn((seed, place), 0.9, spread / 100)
        train = value + sign * 0.05 + sign * draw("train", 0)
        rank, noise = draw("rank", 0.5), draw("noise", 0.6)
        scaled = value + draw("scaled", 0) / 10
        rows = {}
        for n in range(N_SEEDS):
            measured = {"effective_rank": rank[n], "noise_gaussian": noise[n]}
            measured |= (
                {f"scaled_{metric}": scaled[n], f"passes_{metric}": value[n]} if place else {}
            )
            number, params = 10 * place + n, {"variant": name, "rate": 0.5, "width": 64}
            rows[n] = TrialRow(
                number, "COMPLETE", value[n], None, params, train[n], measured=measured
            )
            late = (10 + n % 3 if place else 10) + added["epochs"]
            worse = 0.5 if direction == "maximize" else 2.0
            curve = [worse * value[n]] * (late - 1) + [value[n]] * (31 - late)
            names = ("train_loss", "val_loss", f"train_{metric}", f"val_{metric}")
            histories[number] = dict.fromkeys(names, curve)
        trials[name] = rows
    candidates = (
        ScoredCandidate(
            name,
            name,
            rows[0].params,
            1,
            tuple(row.value for row in rows.values()),
            "no dropout" if name == "none" else "dropout",
            None if name == "none" else "none",
        )
        for name, rows in trials.items()
    )
    found = compare(Scores(tuple(candidates), metric, direction, 10_000))
    definition = StudyDefinition(name="made", metric=metric)
    rows = tuple(row for each in trials.values() for row in each.values())
    attrs = {"seeds": list(range(N_SEEDS))}
    results = Results(definition, Counts(), rows, histories, (), attrs)
    return ComparisonResult("made", results, trials, found, decide(found), ())


def holds(claims):
    return {(found.claim, found.measure): found.holds for found in claims.findings}


def by_claim(claims):
    return {found.claim: found.holds for found in claims.findings}


@pytest.mark.parametrize("metric", ["accuracy", "rmse"])
def test_what_is_so_holds_and_its_opposite_does_not(metric):
    better = 8 if metric == "accuracy" else -8
    effect = {"train": -8, "rank": -8, "noise": better, "scaled": 0, "epochs": -6}
    claims = examine(judged(effect, metric))
    assert set(by_claim(claims).values()) == {True}
    assert len(claims.findings) == 5
    opposite = {name: -value for name, value in effect.items()} | {"scaled": -50 * np.sign(better)}
    assert set(by_claim(examine(judged(opposite, metric))).values()) == {False}


def test_where_nothing_differs_hardly_anything_is_said_to():
    wrong = 0
    for seed in range(200):
        found = by_claim(examine(judged(seed=seed)))
        averages = found.pop("averages models")
        assert averages is True
        found.pop("converges sooner")
        wrong += any(held is not None for held in found.values())
    assert wrong <= 10


def test_a_measure_that_trials_have_not_is_left_out():
    claims = examine(judged())
    assert {found.measure for found in claims.findings} < {
        measure.text.format(metric="accuracy") for measure in MEASURES
    }
    assert "class selectivity" not in {found.measure for found in claims.findings}


def test_a_candidate_can_be_chosen_and_has_to_be_there():
    assert examine(judged(), "gaussian").with_dropout.startswith("gaussian")
    with pytest.raises(UsageError, match=r"unknown candidate with dropout 'gausian'.*gaussian"):
        examine(judged(), "gausian")
    with pytest.raises(UsageError, match="'none'"):
        examine(judged(), "none")


def test_a_table_names_a_claim_once_and_counts_accuracies_in_percent():
    titles, rows = examine(judged()).table()
    assert titles[-1] == "holds"
    assert [row[0] for row in rows].count("less overfitting") == 1
    gap = rows[0]
    assert gap[1].endswith(" %")
    assert float(gap[2]) == pytest.approx(5, abs=2)
    assert gap[4].startswith(("+", "-"))


def test_an_epoch_arrives_within_one_percent_of_the_last():
    assert epochs_to_arrive([0.5, 0.989, 0.9901, 1.0], maximize=True) == 3
    assert epochs_to_arrive([0.5, 1.2, 1.0], maximize=True) == 2
    assert epochs_to_arrive([3.0, 1.02, 1.01, 1.0], maximize=False) == 3
    assert epochs_to_arrive([1.0], maximize=False) == 1


def test_claims_are_left_out_where_nothing_is_compared_and_never_for_another_reason(monkeypatch):
    alone = judged()
    comparison = replace(
        alone.comparison,
        rows=tuple(row for row in alone.comparison.rows if row.candidate.name == "none"),
    )
    assert examine_if_compared(None) is None
    assert examine_if_compared(replace(alone, comparison=comparison)) is None
    assert examine_if_compared(alone).findings

    def fail(results, row):
        raise UsageError("cannot be read")

    monkeypatch.setattr(claims, "MEASURES", (Measure("c", "m", "less", fail),))
    with pytest.raises(UsageError, match="cannot be read"):
        examine_if_compared(alone)

"""Searches replayed on a table of trainings: what they lose is what they lose."""

import numpy as np
import pytest
import regret
from click.testing import CliRunner
from replay import report
from replay.method import Answer, Seeds, replay
from replay.ours import TunerSearch
from replay.truth import Truth
from replay.world import World, load
from table import lines, stored
from table.point import Point
from table.stored import Training

from tuner.schema import Range
from tuner.study import attrs
from tuner.study.start import start

RANGES = {
    "standard": Range(low=0.0, high=0.8),
    "adversarial": Range(low=0.005, high=0.3, log=True),
}
RATES = {"none": [0.0], "standard": [0.2, 0.4, 0.6, 0.8], "adversarial": [0.005, 0.04, 0.3]}
POINTS = tuple(Point(v, rate, w) for v, rates in RATES.items() for w in (64, 256) for rate in rates)
EPOCHS = 8


def world(mean, *, noise=0.0, direction="maximize"):
    """A table in which a point is worth mean(point), with seeds of this noise."""
    drawn = np.random.default_rng(0).normal(0, noise, (len(POINTS), 6, 1))
    last = np.array([mean(point) for point in POINTS])[:, None, None] + drawn
    rising = np.linspace(0.5, 1, EPOCHS)
    return World(
        name="made",
        metric="accuracy" if direction == "maximize" else "rmse",
        direction=direction,
        points=POINTS,
        ranges=RANGES,
        validation=last * rising if direction == "maximize" else last / rising,
        test=last[:, :, 0],
        n_validation=200,
        warmup=dict.fromkeys(RATES, 0.0),
    )


def good_at_low_rates(point):
    return 0.9 - 0.1 * point.rate + (0.02 if point.variant == "adversarial" else 0)


def regrets(name, made, n_replications, budgets=(12,)):
    answers = [regret.run(name, made, number, budgets, 0) for number in range(n_replications)]
    return report.losses(made, answers, budgets[-1]).regrets


@pytest.mark.parametrize("name", ["random", "tpe"])
def test_nothing_is_lost_on_a_flat_table(name):
    assert (regrets(name, world(lambda point: 0.9), 3) == 0).all()


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_the_worst_point_loses_the_whole_range(direction):
    sign = 1 if direction == "maximize" else -1
    made = world(lambda point: 1 + sign * good_at_low_rates(point), direction=direction)
    worst = POINTS.index(Point("standard", 0.8, 64))
    lost = report.losses(made, [[Answer(12, worst, 12 * EPOCHS)]] * 2, 12)
    assert lost.regrets == pytest.approx(0.02 - 0.0005 + 0.08)
    assert lost.worse.tolist() == [1, 1]
    assert lost.epochs.tolist() == [1, 1]


def test_random_search_loses_less_with_more_trials():
    made = world(good_at_low_rates, noise=0.01)
    after = regrets("random", made, 40, (3, 60)).mean(axis=0)
    assert after[1] < 0.5 * after[0]


def test_the_truth_is_told_by_seeds_that_no_trial_draws():
    made = world(good_at_low_rates, noise=0.1)
    truth, seeds = Truth(made), Seeds.of(made, 3)
    assert sorted(seeds.drawn + seeds.held_out) == list(range(6))
    finals = made.validation[:, :, -1]
    drawn, held_out = (finals[:, each].mean(axis=1) for each in (seeds.drawn, seeds.held_out))
    assert truth.regret(4, seeds) == pytest.approx(held_out[drawn.argmax()] - held_out[4])
    luckiest = finals.mean(axis=1).argmax()
    with_luck = truth.regret(4, seeds) + truth.luck(seeds)
    assert with_luck == pytest.approx(held_out[luckiest] - held_out[4])


def test_worse_than_no_dropout_is_by_two_standard_errors():
    def n_worse(noise):
        truth = Truth(world(lambda point: 0.9 - 1e-3 * (point.variant != "none"), noise=noise))
        return sum(map(truth.is_worse, range(len(POINTS))))

    assert n_worse(0) == 14
    assert n_worse(0.1) < 5


@pytest.mark.parametrize(
    ("variant", "rate", "found"),
    [
        ("standard", 0.04, ("none", 0.0)),
        ("standard", 0.29, ("standard", 0.2)),
        ("adversarial", 0.005, ("adversarial", 0.005)),
        ("adversarial", 0.016, ("adversarial", 0.04)),
        ("none", 0.0, ("none", 0.0)),
    ],
)
def test_a_rate_is_the_nearest_on_the_scale_of_its_variant(variant, rate, found):
    made = world(good_at_low_rates)
    point = POINTS[made.nearest({"variant": variant, "rate": rate, "width": 256})]
    assert point == Point(*found, 256)


def test_a_share_of_a_range_is_on_its_scale():
    made = world(good_at_low_rates)
    assert POINTS[made.at("standard", 0.5, 64)] == Point("standard", 0.4, 64)
    assert POINTS[made.at("adversarial", 0.5, 64)] == Point("adversarial", 0.04, 64)


@pytest.mark.parametrize("sampler", ["tpe", "curves"])
def test_our_search_begins_with_its_start_and_prunes(sampler):
    made = world(good_at_low_rates, noise=0.01)
    search = TunerSearch(made, 0, sampler, "successive_halving")
    replay(search, made, Seeds.of(made, 0), [16], 0)
    trials = [trial for trial in search.study.trials if trial.state.name != "FAIL"]
    params = [attrs.PARAMS.of(trial.user_attrs) for trial in trials]
    begun = [search.space.params_of(given.named) for given in start(search.space)]
    assert params[: len(begun)] == begun
    assert len(trials) == 16
    assert {trial.state.name for trial in trials} == {"COMPLETE", "PRUNED"}


def test_a_search_repeats():
    made = world(good_at_low_rates, noise=0.01)
    first, again, other = (regret.run("tpe", made, 1, (20,), seed) for seed in (0, 0, 1))
    assert first == again != other


def test_a_ratio_is_that_of_the_means_over_tables():
    ours = {"a": np.array([1.0, 2.0]), "b": np.array([0.5, 0.5])}
    theirs = {"a": np.array([2.0, 4.0]), "b": np.array([1.0, 1.0, 7.0])}
    assert report._ratio(ours, theirs) == "0.50 ± 0.00"


def test_the_tables_of_a_report_have_a_row_for_every_search():
    made = {"made": world(good_at_low_rates, noise=0.01)}
    found = {
        name: {"made": [regret.run(name, made["made"], n, (5, 9), 0) for n in range(3)]}
        for name in ("tpe", "random")
    }
    shown = report.tables(found, made, (5, 9))
    assert list(shown) == ["regret", "regret: made"]
    for text in shown.values():
        assert [line[:5] for line in text.splitlines()[-2:]] == ["| tpe", "| ran"]


def test_a_table_is_read_as_it_was_written(tmp_path):
    made, file = tmp_path / "made.jsonl", tmp_path / "made.parquet"
    for rate, seed in ((0.1, 0), (0.008974, 1)):
        lines.append(made, Training("standard", rate, 64, seed, [0.5, 0.75], 1.0, 0.25, 0.125))
    with made.open("a") as cut:
        cut.write('{"variant": "stan')
    trainings = stored.read_raw(made)
    stored.write(file, {"made": trainings}, {"made": {"metric": "accuracy"}})
    found, about = stored.read(file)
    assert len(trainings) == 2
    assert found["made"] == sorted(trainings, key=lambda each: each.key)
    assert about["made"]["metric"] == "accuracy"


def test_the_script_shows_what_is_lost(tmp_path):
    made, file = world(good_at_low_rates, noise=0.01), tmp_path / "made.parquet"
    trainings = [
        Training(p.variant, p.rate, p.width, seed, curve.tolist(), 1.0, 0.9, 0.1)
        for p, curves in zip(POINTS, made.validation, strict=True)
        for seed, curve in enumerate(curves)
    ]
    about = {
        "metric": "accuracy",
        "direction": "maximize",
        "rows": {"validation": 200},
        "ranges": {name: each.model_dump() for name, each in RANGES.items()},
        "hyperparameters": {name: {} for name in reversed(RATES)},
    }
    stored.write(file, {"made": trainings}, {"made": about})
    options = ["--table", str(file), "--only", "random", "--replications", "2", "--jobs", "1"]
    done = CliRunner().invoke(regret.main, options)
    assert done.exit_code == 0
    assert [line for line in done.output.splitlines() if line.startswith("## ")] == [
        "## Regret",
        "## Regret: made",
    ]


def test_the_table_in_the_repository_has_every_point_of_no_dropout_and_is_small():
    assert stored.FILE.stat().st_size <= 5_000_000
    for made in load().values():
        assert [made.points[i].width for i in made.nones] == list(made.widths) == [64, 256, 512]
        assert made.validation.shape[1] >= 5
        assert {point.variant for point in made.points} <= {"none", *made.ranges}

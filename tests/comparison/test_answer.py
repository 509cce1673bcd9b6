"""The four lines: what a search can say, what it cannot, and what a comparison says."""

import re

import _made_studies
import optuna
import pytest
from _worlds import World
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import create_trial

from tuner.comparison.answer import answer_in


@pytest.fixture
def store():
    return optuna.storages.InMemoryStorage()


def searched(world, store, n=40):
    """A study whose trials have the values of a world, as accuracies."""
    distributions = {
        "variant": CategoricalDistribution(("none", "gaussian")),
        "rate": FloatDistribution(0, 0.8),
        "width": CategoricalDistribution((64, 256, 512)),
    }
    trials = [
        create_trial(
            value=0.9 + value / 50,
            params=params,
            distributions=distributions | {"variant": CategoricalDistribution((params["variant"],))}
            if params["variant"] not in ("none", "gaussian")
            else distributions,
            user_attrs={"params": params, "seed": number, "seconds": 2.0},
        )
        for number, (params, value) in enumerate(zip(*world.trials(n), strict=True))
    ]
    return _made_studies.study(*trials, store=store)


def test_dropout_that_gains_much_probably_helps_and_is_not_shown(store):
    said = answer_in(searched(World(0, height=4.0, by_width=0.0), store), store)
    assert said.answer.startswith("Dropout helps, probably: gaussian dropout at 0.")
    gain, effect = re.findall(r"([\d.]+) points \[[^\]]+\] better than the", said.answer)
    assert float(gain) == pytest.approx(8.0, abs=2.5)
    assert float(effect) == pytest.approx(8.0, abs=2.5)
    assert said.answer.endswith(
        "That it helps is more than 99 % probable; only fresh seeds show it."
    )
    assert re.match(r"gaussian dropout, width \d+: from 0\.\d+ to 0\.\d+ it is", said.safe_rates)
    assert said.next.startswith("tuner compare mine trains")


@pytest.mark.parametrize("seed", range(4))
def test_what_a_width_gains_is_not_said_of_dropout(store, seed):
    said = answer_in(searched(World(seed, height=0.0, by_width=3.0), store), store).answer
    assert re.match(r"Dropout is not shown to help: use no|Leading, not shown to help: ", said)
    assert "width 512" in said


def test_dropout_that_does_harm_is_not_said_to_change_next_to_nothing(store):
    said = answer_in(searched(World(0, height=-6.0, by_width=0.0), store), store).answer
    assert said.startswith("Dropout is not shown to help: use no dropout")
    assert re.search(r"is \d\.\d points \[[^\]]+\] worse than the best network without it\.$", said)


def test_too_few_trials_say_nothing_but_how_to_go_on(store):
    said = answer_in(searched(World(0), store, n=3), store)
    assert said.answer.startswith("3 trials are complete, too few to say anything")
    assert said.safe_rates == ""
    assert [name for name, _ in said.lines()] == ["Answer", "Cost", "Next"]


def test_once_compared_the_verdict_is_the_answer(store):
    parent = _made_studies.study(*map(_made_studies.trial, range(8)), store=store)
    before = answer_in(parent, store)
    _made_studies.compare(parent, store)
    said = answer_in(parent, store)
    assert said.answer != before.answer
    assert "gaussian dropout at 0.3" in said.answer
    assert "test error" in said.answer
    assert said.safe_rates.startswith("gaussian dropout, width 64: from 0")


def test_a_comparison_itself_has_no_four_lines(store):
    parent = _made_studies.study(*map(_made_studies.trial, range(8)), store=store)
    _made_studies.compare(parent, store)
    name = "mine/compare"
    assert answer_in(optuna.load_study(study_name=name, storage=store), store) is None

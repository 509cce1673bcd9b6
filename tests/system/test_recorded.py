"""Results that are kept are found again: what is the same, another seed, or another result."""

from dataclasses import replace

import numpy as np
import pytest
from evidence import checking, machine
from evidence.case import NONE, Case, Place, Training, dropout
from evidence.parts import PARTS
from evidence.training import train

from tuner.export.provenance import processor

RATES = (0.1, 0.3, 0.5, 0.8)


def recorded(generator, n_seeds, rates=RATES, case="a"):
    hard = generator.normal(0, 0.2, n_seeds)  # the rows that it draws
    return [
        Training("part", case, seed, params, [], [], {"test": value}, 1.0, threads=1)
        for seed in range(n_seeds)
        for params in (NONE, *(dropout("standard", rate) for rate in rates))
        for value in [0.7 + float(params["rate"]) / 10 + hard[seed] + generator.normal(0, 0.01)]
    ]


def test_two_trainings_on_the_same_rows_are_within_the_limit_but_for_one_in_1000():
    generator = np.random.default_rng(0)
    limits = []
    for _ in range(2000):
        found = recorded(generator, 3)
        limits.append(checking.limit(found, found[0]))
    differences = np.abs(generator.normal(0, 0.01 * 2**0.5, 2000))
    outside = np.mean(differences > limits)
    assert outside < 0.001 + 5 * (0.001 / 2000) ** 0.5
    assert np.median(limits) < 0.1  # far below what the rows differ by


@pytest.mark.parametrize(
    ("n_seeds", "others", "is_known"), [(3, 0, True), (1, 3, True), (1, 0, False)]
)
def test_a_case_with_one_seed_has_the_spread_of_its_part(n_seeds, others, is_known):
    generator = np.random.default_rng(0)
    found = recorded(generator, n_seeds)
    own = found[0]
    found += recorded(generator, others, case="b")
    assert np.isfinite(checking.limit(found, own)) == is_known


def test_rates_that_each_seed_chose_anew_have_a_spread_too():
    generator = np.random.default_rng(0)
    found = [
        each
        for seed, rate in enumerate((0.1, 0.1, 0.3, 0.1, 0.3))
        for each in recorded(generator, 5, (rate,))
        if each.seed == seed
    ]
    assert 0 < checking.limit(found, found[0]) < 0.5


def test_a_case_is_sampled_once_with_its_first_seed():
    part = replace(PARTS["few_rows"], cases=lambda _, seed, __: iter([Case("a", seed, {}, [])]))
    found = recorded(np.random.default_rng(0), 3)[5:]
    ((case, own),) = checking.sample(part, Place(None, None), found)
    assert (case.seed, own.seed) == (1, 1)


@pytest.mark.slow
def test_what_is_recorded_is_found_again_and_what_is_not_is_told(tmp_path):
    generator = np.random.default_rng(0)
    parts = {"train": 60, "val": 20, "test": 40}
    y = {f"y_{part}": np.arange(n) % 2 for part, n in parts.items()}
    x = {f"x_{part}": generator.normal(y[f"y_{part}"], 1, (4, n)).T for part, n in parts.items()}
    np.savez(tmp_path / "rows.npz", **x, **y)
    study = {
        "data": str(tmp_path / "rows.npz"),
        "space": {"variant": ["none", "standard"], "width": 8, "depth": 1},
        "training": {"epochs": 2, "batch_size": 20},
    }
    case = Case("tiny", 3, study, [NONE, dropout("standard", 0.5)])
    found = [each for seed in (3, 4) for each in train("part", replace(case, seed=seed), set())]
    assert {(each.threads, each.processor) for each in found} == {(machine.threads(), processor())}

    def words(kept, threads=0):
        part = replace(
            PARTS["few_rows"], cases=lambda _, seed, __: iter([replace(case, seed=seed)])
        )
        noted = [replace(each, threads=0) for each in kept]
        return [each.word for each in checking.check(part, Place(None, None), noted, threads)]

    assert words(found) == ["same"]
    assert words(found, threads=7) == []
    assert words([replace(each, measured={"test": 2.0}) for each in found]) == [checking.DIFFERS]

"""The document of results: what is kept, chosen and shown of trainings."""

from dataclasses import replace

import numpy as np
import pytest
from evidence import (
    article,
    document,
    few_rows,
    opening,
    ranges,
    saying,
    stored,
    uci,
    uci_picture,
    written,
)
from evidence.case import NONE, Case, Place, Training, dropout
from evidence.parts import PARTS
from evidence.setting import Setting, word
from evidence.training import LEVELS, PRECISIONS, share_name, train, within
from table import lines

CASE = few_rows.name(100, 20)


def training(params, seed, validation, test, case=CASE, **measured):
    measured = {"validation": validation, "test": test, **measured}
    return Training("few_rows", case, seed, params, [0.5, 0.6], [0.4, 0.5], measured, 2.0)


FOUND = [
    *(training(NONE, seed, 0.70, 0.70 + seed / 100) for seed in range(3)),
    *(training(dropout("standard", 0.2), s, 0.75, 0.72 + s * s / 100) for s in range(3)),
    *(training(dropout("standard", 0.8), s, 0.60, 0.65 + s / 100) for s in range(3)),
]


def test_the_rate_is_chosen_on_other_rows_than_it_is_shown_on():
    better = [training(dropout("standard", 0.5), s, 0.71, 0.99) for s in range(3)]
    (cell,) = few_rows.settings([*FOUND, *better])
    assert (cell.chosen, cell.best) == (0.2, 0.2)
    assert cell.values(0.2) == pytest.approx([2, 2, 4])
    assert cell.helpful == [0.2, 0.5]


def test_none_is_best_where_it_is_better_on_the_rows_that_choose():
    lucky = [training(dropout("standard", 0.8), s, 0.60, 0.99) for s in range(3)]
    (cell,) = few_rows.settings([*FOUND[:3], *lucky])
    assert (cell.chosen, cell.best) == (0.8, 0.0)


def of_rates(means, judged=None, name="a", kind="standard", spread=0.1):
    gains = {rate: {s: mean + spread * (s - 1) for s in range(3)} for rate, mean in means.items()}
    return Setting("few_rows", name, kind, dict.fromkeys(range(3), 0.7), gains, judged or means)


def test_safe_rates_are_neighbours_of_the_best():
    setting = of_rates({0.1: 1.0, 0.2: 2.8, 0.3: 3.0, 0.5: 1.0, 0.8: 2.9})
    assert setting.near(0.5) == [0.2, 0.3]
    assert of_rates({0.1: 0.2, 0.2: -1.0}, {0.1: -1.0, 0.2: -2.0}).near(0.5) == [0.0, 0.1]


def test_what_is_said_of_the_range_counts():
    inside, above = of_rates({0.3: 3.0, 0.8: 1.0}), of_rates({0.3: -2.0, 0.8: 3.0}, name="b")
    none, small = of_rates({0.5: -1.0, 0.8: -2.0}), of_rates({0.01: 1.0, 0.1: 0.5}, name="d")
    alone, spatial = of_rates({0.5: 1.0}), of_rates({0.3: 1.0, 0.4: 2.0}, kind="spatial")
    text = ranges.said([inside, above, none, small, alone, spatial])
    assert "Of 4 settings 1 have their best rate within 0.2 to 0.5, 1 above it, 1 below it" in text
    assert "and in 1 none is best. Dropout gains at all in 3 (" in text
    assert "worse than none in 2 of 3 (b; a); even" in text
    assert "below the best of all in 2 (b; a). No rate within it was tried (d)." in text


def test_a_gain_is_told_where_its_interval_excludes_0():
    assert [word([1.0, 1.1, 1.2]), word([-1.0, -1.1]), word([1.0, -1.0]), word([3.0])] == [
        "helps",
        "harms",
        "not told",
        "not told",
    ]
    own = [of_rates({0.5: mean}, name=f"{mean}") for mean in (2.0, -1.0, 0.0)]
    assert saying.counted(own, "cells") == (
        "Dropout gains in 1 of 3 cells (95 % interval above 0), loses in 1, and in 1 the interval"
        " has 0 inside."
    )
    assert saying.without_gain(own) == "It loses: -1.0. No gain is shown: 0.0."


def test_the_readme_begins_with_a_whole_map_only(tmp_path):
    def cell(n, share, rate, seed):
        gain = (0.01 + share / 1000) * (1 - abs(rate - 0.3)) if rate else 0.0
        value = 0.7 + gain + seed / 1000 * bool(rate)
        params = dropout("standard", rate) if rate else NONE
        return training(params, seed, value, value, few_rows.name(n, share))

    keys = [
        (n, share, rate)
        for n in few_rows.ROWS
        for share in few_rows.REDRAWN
        for rate in few_rows.RATES
    ]
    whole = [cell(*key, seed) for key in keys for seed in range(3)]
    readme = tmp_path / "README.md"
    readme.write_text(f"a\n{opening.BEGIN}old\n{opening.END}b\n")
    opening.renew(readme, whole[:-1])
    assert "old" in readme.read_text()
    opening.renew(readme, whole)
    text = readme.read_text()
    assert text.startswith(f"a\n{opening.BEGIN}<img src=")
    assert text.endswith(f"{opening.END}b\n")
    assert "old" not in text
    assert "dropout gains test accuracy\nin 15 of 15 cells (95 % interval above 0), from" in text
    assert "from +1.1 [+0.9, +1.3] points (" in text
    assert "to +5.1 [+4.9, +5.3] (" in text
    assert "chosen on other rows, is 0.3 where all labels are right and 0.3 where 40 %" in text


def test_a_published_figure_is_missed_by_standard_errors_of_both():
    assert written.away([1.0, 2.0, 3.0], 1.0, 0.0) == pytest.approx(1.0 / (1 / 3**0.5))
    assert written.away([1.0, 2.0, 3.0], 1.0, 1.0) == pytest.approx(1.0 / (1 + 1 / 3) ** 0.5)


def test_the_sentence_of_the_article_is_judged_by_its_interval():
    def run(gain):
        return [
            Training("article", article.CASE, seed, params, train, [0.8, value], own, 1.0)
            for seed in range(3)
            for params, train, value in (
                (NONE, [0.9, 0.99], 0.97),
                (dropout("standard", 0.5), [0.8, 0.95], 0.97 + gain + seed / 10_000),
            )
            for own in [{"train": 0.99, "validation": value, "test": 0.97} | diagnosed(params)]
        ]

    def diagnosed(params):
        is_plain = params == NONE
        found = {"units_cut": 0.9, "dead_units": 0.2, "effective_rank": 30.0}
        if not is_plain:
            found = {name: value * 1.1 for name, value in found.items()}
            found |= {"scaled_accuracy": 0.97, "passes_accuracy": 0.96}
        return {f"test_{name}": value for name, value in found.items()}

    assert "held: it improves" in article.said(run(0.01))
    assert "did not hold: it is worse" in article.said(run(-0.01))
    assert "neither better nor worse (+0.00 [" in article.said(run(-0.0001))
    known = [claim for claim in article.CLAIMS if claim.of(run(-0.01))]
    words = [claim.word(run(-0.01)).partition(":")[0] for claim in known]
    assert words[:4] == ["holds", "opposite", "not shown", "opposite"]
    assert words[4:] == ["holds", "holds", "holds", "opposite"]  # cut, averaged, dead, rank
    shown = article.show(run(-0.01))
    assert shown.count("| units can be interpreted |") == 0  # that is not measured here
    assert shown.count("| the network is less complex |") == 2


@pytest.mark.slow
def test_the_pictures_are_written_beside_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "kept")
    stored.write("few_rows", FOUND, {"versions": {}})
    fit = [
        Training("article", article.CASE, seed, params, [0.9, 0.99], [0.91, 0.97], own, 1.0)
        for seed in range(2)
        for params in (NONE, dropout("standard", 0.5))
        for own in [{"train": 0.99, "validation": 0.97 + seed / 100, "test": 0.97}]
    ]
    stored.write("article", fit, {"versions": {}})
    document.write(PARTS, tmp_path / "results.md", tmp_path / "README.md")
    files = {path.name: path.stat().st_size for path in tmp_path.glob("*.png")}
    assert set(files) == {"when_dropout_helps.png", "accuracy_by_epoch.png", "rates.png"}
    assert all(10_000 < size < 200_000 for size in files.values())
    assert all(f'src="{name}" alt="' in (tmp_path / "results.md").read_text() for name in files)


def test_differences_are_of_the_same_seeds():
    without, with_dropout = written.of(FOUND, CASE, NONE), {1: 0.9, 2: 0.8, 7: 0.1}
    assert written.minus(with_dropout, without) == pytest.approx([0.19, 0.08])
    low, high = written.interval([0.1, 0.2, 0.3])
    assert (low, high) == pytest.approx((0.2 - 0.2484, 0.2 + 0.2484), abs=1e-4)
    assert written.interval([0.1]) == (-np.inf, np.inf)
    assert written.shown([0.01, 0.02, 0.03]) == "+2.0 [-0.5, +4.5]"


def test_what_is_kept_is_read_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "new")
    assert stored.read("few_rows") == ([], {})
    stored.write("few_rows", FOUND, {"versions": {"keras": "3"}})
    found, about = stored.read("few_rows")
    assert about == {"versions": {"keras": "3"}}
    assert {each.key for each in found} == {each.key for each in FOUND}
    assert {each.key: each.measured for each in found} == {e.key: e.measured for e in FOUND}
    assert found[0].validation == pytest.approx([0.4, 0.5])
    text = document.document(PARTS)
    assert "| 100 | 20 % | 71.0 ± 0.6 | 0.2 | +2.7 [-0.2, +5.5] | 0.2 |" in text
    assert "9 trainings, 3 seeds, 0 minutes by the clock; keras 3." in text


def test_a_line_that_was_cut_is_trained_again(tmp_path):
    file = tmp_path / "few_rows.jsonl"
    for each in FOUND[:2]:
        lines.append(file, each)
    file.write_text(file.read_text()[:-20])
    assert [each.key for each in stored.read_raw(file)] == [FOUND[0].key]


def test_the_precision_is_chosen_on_other_rows_than_it_is_shown_on():
    def with_best(tau, case, params):
        both = {
            f"{part}_nll_{each:g}": abs(np.log(each / best))
            for part, best in (("validation", tau), ("test", PRECISIONS[3]))
            for each in PRECISIONS
        }
        return training(params, 0, 5.0, 5.0, case, test_passes=5.0, **both)

    kind, best = dropout("standard", 0.01), PRECISIONS[9]
    tried = [with_best(best, "yacht, both", kind)]
    final = with_best(PRECISIONS[0], "yacht, both" + uci.CHOSEN, kind)
    ((found, tau),) = uci.tuned([*tried, final])
    assert (found, tau) == (final, best)
    expected = -np.log(best / PRECISIONS[3])
    assert f"| {expected:.2f} (one seed) |" in uci.show([*tried, final])


def test_intervals_hold_what_they_should_where_the_precision_is_right():
    generator = np.random.default_rng(0)
    means = generator.normal(size=(4000, 1))
    y = means + generator.normal(size=(4000, 1)) / 2  # precision 4
    passes = np.stack([means] * 3)
    assert [*within(passes, y, 4.0).values()] == pytest.approx(LEVELS, abs=0.03)
    assert within(passes, y, 1.0)[share_name(0.5, 1.0)] > 0.75
    right = {f"validation_nll_{tau:g}": abs(np.log(tau / 4)) for tau in PRECISIONS}
    tau = min(PRECISIONS, key=lambda each: right[f"validation_nll_{each:g}"])
    kind = dropout("standard", 0.01)
    both = [
        training(kind, 0, 5.0, 5.0, case, **(right | within(passes, y, tau)))
        for case in ("yacht, both", "yacht, both" + uci.CHOSEN)
    ]
    (shares,) = uci.shares(both).values()
    assert shares == pytest.approx(LEVELS, abs=0.05)
    assert "Of those of 90 % have: Monte Carlo on yacht 88 %" in uci_picture.text(both)


def test_errors_are_compared_in_percent_of_none():
    def of(params, validation, test):
        both = {"validation_passes": validation, "test_passes": test}
        return training(params, 0, validation, test, "yacht, both", **both)

    (yacht,) = uci.settings([of(NONE, 2.0, 2.0), of(dropout("standard", 0.01), 1.5, 1.8)])
    assert yacht.values(0.01) == pytest.approx([10.0])
    assert yacht.judged[0.01] == pytest.approx(25.0)


@pytest.fixture
def study(tmp_path):
    generator = np.random.default_rng(0)
    parts = {"train": 60, "val": 20, "test": 20}
    arrays = {f"x_{part}": generator.normal(size=(n, 6)) for part, n in parts.items()}
    labels = {f"y_{part}": np.arange(n) % 2 for part, n in parts.items()}
    np.savez(tmp_path / "rows.npz", **arrays, **labels)
    return {
        "data": str(tmp_path / "rows.npz"),
        "space": {"variant": ["none", "standard"], "width": 8, "depth": 1},
        "training": {"epochs": 2, "batch_size": 20},
    }


@pytest.mark.slow
def test_every_claim_of_the_article_is_measured_on_its_networks(study, tmp_path):
    (case,) = article.cases(Place(tmp_path, tmp_path), 0, [])
    found = list(train("article", replace(case, study=study), set()))
    assert len(found) == 2
    assert all(claim.of(found) for claim in article.CLAIMS)


@pytest.mark.slow
def test_what_is_trained_has_its_curves_and_what_it_is_worth(study):
    candidates = [NONE, dropout("standard", 0.5)]
    found = list(train("few_rows", Case("tiny", 3, study, candidates), set()))
    assert [each.params for each in found] == candidates
    curves = np.array([[each.train, each.validation] for each in found])
    assert curves.shape == (2, 2, 2)
    assert np.all((curves >= 0) & (curves <= 1))
    assert found[0].measured.keys() == {"train", "validation", "test"}
    assert found[0].measured["validation"] == pytest.approx(found[0].validation[-1])
    assert (
        list(train("few_rows", Case("tiny", 3, study, candidates), {each.key for each in found}))
        == []
    )

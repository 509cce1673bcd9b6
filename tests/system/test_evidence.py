"""The document of results: what is kept, chosen and shown of trainings."""

import numpy as np
import pytest
from evidence import few_rows, stored, uci, written
from evidence.case import NONE, Training, dropout
from evidence.document import document
from evidence.parts import PARTS
from evidence.training import PRECISIONS
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
    (cell,) = few_rows.cells([*FOUND, *better])
    assert cell.rate == 0.2
    assert cell.gains == pytest.approx([0.02, 0.02, 0.04])
    assert cell.safe == (0.2, 0.5)


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
    text = document(PARTS)
    assert "| 100 | 20 % | 71.0 ± 0.6 | 0.2 | +2.7 [-0.2, +5.5] | 0.2 to 0.2 |" in text
    assert "9 trainings, 3 seeds, 0 minutes of one core; keras 3." in text


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
    assert f"| {expected:.2f} ± nan |" in uci.show([*tried, final])

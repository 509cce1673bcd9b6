"""A second run with other seeds: what it trains, and what it says of the first."""

import pytest
from evidence import document, few_rows, second, stored
from evidence.case import NONE, Case, Training, dropout
from evidence.parts import PARTS
from evidence.setting import word

CASE = few_rows.name(100, 20)


def training(params, seed, validation, test):
    measured = {"validation": validation, "test": test}
    return Training("few_rows", CASE, seed, params, [0.5, 0.6], [0.4, 0.5], measured, 2.0)


def test_a_second_run_is_in_no_table_and_may_contradict(tmp_path, monkeypatch):
    def run(first, gain):
        return [
            training(params, first + s, 0.7 + points, 0.7 + points + s / 1000 * bool(points))
            for params, points in ((NONE, 0.0), (dropout("standard", 0.5), gain))
            for s in range(3)
        ]

    part, own, against = PARTS["few_rows"], run(0, 0.05), run(100, -0.05)
    ((setting, gains),) = second.pairs(part, [*own, *against])
    assert (setting.word, word(gains)) == ("helps", "harms")
    assert second.verdict(setting, gains) == "contradicted"
    assert second.said([(setting, gains)]).startswith("1 of 1 are contradicted (100 rows, 20 %")
    assert second.verdict(setting, [5.0, 5.1]) == "the same"
    assert second.verdict(setting, [5.0, -5.1]) == "told in one"
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    stored.write("few_rows", own, {"versions": {}})
    alone = document.document(PARTS)
    stored.write("few_rows", [*own, *against], {"versions": {}})
    both = document.document(PARTS)
    assert second.TITLE not in alone
    assert both.startswith(alone[: alone.index("6 trainings")])
    assert "In 1 of 1 the best rate is the largest tried" in alone
    assert "| contradicted |" in both


@pytest.mark.parametrize("seed", [0, 100])
def test_it_trains_none_and_what_the_first_run_chose(seed):
    rates = {0.2: 0.75, 0.5: 0.8, 0.8: 0.6}
    found = [training(dropout("standard", rate), seed, *2 * (v,)) for rate, v in rates.items()]
    found += [training(dropout("spatial", 0.1), seed, 0.7, 0.7), training(NONE, seed, 0.7, 0.7)]
    candidates = [NONE, *(dropout("standard", rate) for rate in rates), dropout("spatial", 0.1)]
    asked = second.asked(Case(CASE, 101, {}, candidates), found).candidates
    chosen = [dropout("standard", 0.5), dropout("spatial", 0.1)]
    assert asked == [NONE, *chosen] if seed == 0 else [NONE]  # what it trained chooses nothing

"""The tables of a report: trials, spaces, claims, where the numbers come from."""

import base64
import re
import sys
import tomllib

import _made_studies
import optuna
import pytest
from _pages import Parsed, html, trials

from tuner.comparison import claims
from tuner.comparison.verdict import judge
from tuner.export.report import page
from tuner.export.report.pictures import draw
from tuner.study.definition import StudyDefinition
from tuner.study.reading import read


@pytest.fixture(scope="module")
def searched():
    return html(_made_studies.study(*trials()))


@pytest.fixture(scope="module")
def verdict():
    """A result and its page."""
    store = optuna.storages.InMemoryStorage()
    parent = _made_studies.study(*trials(), store=store)
    _made_studies.compare(parent, store)
    found = judge(parent, store)
    results, said = read(parent), claims.examine(found)
    return found, page.render(results, *draw(results, found.results), found, said)


def test_what_dropout_is_said_to_do_has_a_table_where_it_was_measured(verdict, searched):
    _, rows = claims.examine(verdict[0]).table()
    text = Parsed(verdict[1]).text
    assert any("sparsity" in row[1] for row in rows)
    assert all(" ".join(row[1:]) in text for row in rows)
    assert "said to do" not in Parsed(searched).text


@pytest.mark.parametrize(("metric", "order"), [("accuracy", "descending"), ("rmse", "ascending")])
def test_trials_stand_best_first_and_failed_ones_last_with_the_reason(metric, order):
    study = _made_studies.study(
        *trials(metric=metric), _made_studies.trial(96, metric), metric=metric
    )
    text = page.render(read(study))
    table = text[text.index('<details id="trials"') :]
    numbers = [int(n) for n in re.findall(r'<th scope="row">(\d+)</th>', table)]
    assert sorted(numbers) == list(range(41))
    results = read(study)
    assert numbers[0] == results.best.number
    assert numbers[-1] == 40
    assert "ValueError: no" in table
    assert Parsed(text).values("aria-sort") == [order]


def test_the_definition_in_the_page_is_that_of_the_study(searched):
    definition = read(_made_studies.study(*trials())).definition
    link = next(a for a in Parsed(searched).all("a") if "download" in a)
    saved = base64.b64decode(link["href"].partition(",")[2]).decode()
    assert link["download"] == "mine.toml"
    assert StudyDefinition.parse(tomllib.loads(saved) | {"name": "mine"}, "test") == definition
    assert " ".join(saved.split()) in Parsed(searched).text
    assert "tuner search mine.toml --name mine-again" in Parsed(searched).text


def test_where_the_numbers_come_from_is_in_the_page(verdict):
    text = Parsed(verdict[1]).text
    for part in (
        "y is 2 classes (a, b)",
        "7f42cfcee03f3ef6",
        "1149 train, 288 validation, 360 test",
        "11, 12, 13",
    ):
        assert part in text
    assert f"python {sys.version.split()[0]}" in text
    assert "tuner compare mine-again --seeds 3" in text

"""The page of a report: the answer first, everything escaped, one file that needs no other."""

import base64
import gzip
import hashlib
import re
import time

import _made_studies
import optuna
import pytest
from _pages import Parsed, html, trials

from tuner.comparison import claims
from tuner.comparison.answer import answer_in
from tuner.comparison.verdict import judge
from tuner.export.report import page
from tuner.export.report.pictures import draw
from tuner.plots.making import make
from tuner.study import summary
from tuner.study.reading import read


@pytest.fixture(scope="module")
def searched():
    return html(_made_studies.study(*trials()))


@pytest.fixture(scope="module")
def nasty():
    return html(_made_studies.nasty())


@pytest.fixture(scope="module")
def verdict():
    """A result and its page."""
    store = optuna.storages.InMemoryStorage()
    parent = _made_studies.study(*trials(), store=store)
    _made_studies.compare(parent, store)
    found = judge(parent, store)
    results, said = read(parent), claims.examine(found)
    return found, page.render(results, *draw(results, found.results), found, said)


def test_a_search_is_answered_by_its_best_trial_and_how_far_to_trust_it(searched):
    results = read(_made_studies.study(*trials()))
    text = Parsed(searched).text
    study = _made_studies.study(*trials())
    said = answer_in(study, study._storage)
    lines = [said.answer, said.safe_rates, said.cost, said.next, *summary.remarks(results)]
    assert any("standard error" in line for line in lines)
    assert [text.index(line) for line in lines] == sorted(text.index(line) for line in lines)
    assert text.index(lines[-1]) < text.index("Expected of the best network of each variant")
    assert "tuner compare mine" in text
    assert "Candidates on fresh seeds" not in text


def test_a_comparison_is_answered_by_its_verdict_and_how_often_the_test_set_was_opened(verdict):
    found, text = verdict
    text = Parsed(text).text
    places = [text.index(line) for line in found.lines()]
    assert places == sorted(places)
    assert "Use gaussian dropout at 0.3" in text[: places[1]]
    assert "Test set opened 1 time." in text[: text.index("Candidates on fresh seeds")]
    assert "Not compared yet" not in text
    _, rows = found.table()
    assert all(cell in text for row in rows for cell in row)


SECTIONS = [
    "answer",
    "plots",
    "differences",
    "leaders",
    "variants",
    "measured",
    "claims",
    "space",
    "trials",
    "provenance",
    "repeat",
]


def test_the_sections_stand_in_the_order_of_the_questions(verdict):
    places = [re.search(f'<(section|details) id="{name}"', verdict[1]).start() for name in SECTIONS]
    assert places == sorted(places)
    links = {link["href"] for link in Parsed(verdict[1]).all("a")}
    assert {f"#{name}" for name in SECTIONS} <= links


@pytest.mark.parametrize("kind", ["searched", "verdict", "nasty", "empty"])
def test_the_page_is_well_formed_and_can_be_read_aloud(kind, request):
    text = html(_made_studies.study()) if kind == "empty" else request.getfixturevalue(kind)
    parsed = Parsed(text[1] if kind == "verdict" else text)
    assert parsed.open == []
    assert [len(parsed.all(tag)) for tag in ("h1", "main", "nav", "title")] == [1, 1, 1, 1]
    assert parsed.all("html")[0]["lang"] == "en"
    assert len(parsed.all("caption")) == len(parsed.all("table")) > 2
    assert {attrs.get("scope") for attrs in parsed.all("th")} == {"col", "row"}
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in parsed.all("svg"))
    ids = parsed.values("id")
    named = {name for key in ("aria-labelledby", "aria-describedby") for name in parsed.values(key)}
    assert named <= set(ids)
    assert {link[1:] for link in parsed.values("href") if link[0] == "#"} <= set(ids)


def test_the_page_names_nothing_outside_itself(verdict):
    text = re.sub(r'id="plotly">.*?<', "<", verdict[1], flags=re.DOTALL)
    assert not re.search(r"https?:|//\w|@import|url\((?!#)|\bsrc=", text.replace("://", "//x"))
    links = [link for link in Parsed(text).values("href") if not link.startswith(("#", "data:"))]
    assert links == []
    assert re.search(r"https?:", '<img src="https://example.org/x.png">')


def test_what_a_user_supplies_is_text(nasty):
    parsed = Parsed(nasty)
    assert [script.get("type") for script in parsed.all("script")].count(None) == 1
    assert _made_studies.NASTY in parsed.text
    assert _made_studies.LONG in parsed.text
    assert "ü" * 200 in parsed.text
    assert len(Parsed(_made_studies.NASTY).all("script")) == 1


def test_a_browser_runs_the_scripts_of_the_page_only(searched):
    policy = next(a["content"] for a in Parsed(searched).all("meta") if "http-equiv" in a)
    (script,) = re.findall(r"<script>(.*?)</script>", searched, re.DOTALL)
    packed = re.search(r'id="plotly">(.*?)</script>', searched, re.DOTALL)[1]
    plotly = gzip.decompress(base64.b64decode(packed))
    assert b"plotly.js v" in plotly[:100]
    digests = [
        base64.b64encode(hashlib.sha256(text).digest()).decode()
        for text in (script.encode(), plotly)
    ]
    assert f"script-src 'sha256-{digests[0]}' 'sha256-{digests[1]}';" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("n", "megabytes"), [(200, 4), pytest.param(3000, 5, marks=pytest.mark.slow)]
)
def test_the_page_of_many_trials_stays_small_and_is_soon_made(n, megabytes):
    study = _made_studies.study(*trials(n))
    began = time.process_time()
    text = page.render(read(study), *draw(read(study)))
    assert time.process_time() - began < 15
    assert 100_000 < len(text.encode()) < megabytes * 1_000_000
    assert text.count('<tr><th scope="row">') == n + 10


def test_drawing_a_page_again_gives_the_same_page(searched):
    assert html(_made_studies.study(*trials())) == searched


def test_a_study_without_trials_has_a_report():
    text = Parsed(page.render(read(_made_studies.study()))).text
    assert "No trial is complete yet." in text
    assert "plotly" not in text


def test_numbers_of_the_table_are_those_of_the_plot_and_of_the_answer(searched):
    study = _made_studies.study(*trials())
    rows = make("answer", read(study)).rows
    text = Parsed(searched).text
    for row in rows:
        if row["effect"] is not None:
            ends = [f"{100 * row[name]:+.2f}" for name in ("effect", "low_effect", "high_effect")]
            assert "{} [{}, {}]".format(*ends) in text


def test_what_is_short_is_said_in_words(verdict, searched):
    for text in (Parsed(verdict[1]).text, Parsed(searched).text):
        for words in ("gap: train - validation", "s: seconds", "In brackets 95 % intervals"):
            assert words in text
    for words in ("n: seeds", "Holm p:", "nll: negative log likelihood", "*: may be the best"):
        assert words in Parsed(verdict[1]).text
    errors = page.render(read(_made_studies.study(*trials(metric="rmse"), metric="rmse")))
    assert "rmse (root mean squared error, smaller is better)" in Parsed(errors).text

"""The report of a study: the answer first, everything escaped, one file that needs no other."""

import base64
import contextlib
import hashlib
import json
import re
import subprocess
import sys
import time
import tomllib
from html.parser import HTMLParser

import _made_studies
import optuna
import pytest

from tuner.cli import display
from tuner.cli.main import run
from tuner.comparison import claims
from tuner.comparison.verdict import judge
from tuner.export.report import page
from tuner.export.report.pictures import draw
from tuner.storage.connect import open_storage
from tuner.study import summary
from tuner.study.definition import StudyDefinition
from tuner.study.reading import read

URL = "sqlite:///studies/tuner.db"
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Parsed(HTMLParser):
    """A page as (tag, attributes), and its text without style and script."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.pieces = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.pieces.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.pieces).split())

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    def values(self, attribute):
        return [attrs[attribute] for _, attrs in self.elements if attribute in attrs]


def trials(n=40, **given):
    return [_made_studies.trial(number, **given) for number in range(n)]


def html(study):
    results = read(study)
    return page.render(results, *draw(results))


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
    lines = [summary.best_line(results), *summary.remarks(results)]
    assert any("standard error" in line for line in lines)
    assert [text.index(line) for line in lines] == sorted(text.index(line) for line in lines)
    assert text.index(lines[-1]) < text.index("The best trial of each variant")
    assert "tuner compare mine" in text
    assert "Comparison on the test set" not in text


def test_a_comparison_is_answered_by_its_verdict_and_how_often_the_test_set_was_opened(verdict):
    found, text = verdict
    text = Parsed(text).text
    places = [text.index(line) for line in found.lines()]
    assert places == sorted(places)
    assert "Use gaussian dropout at 0.3" in text[: places[1]]
    assert "Test set opened 1 time." in text[: text.index("The best trial of each variant")]
    assert "Not compared yet" not in text
    _, rows = found.table()
    assert all(cell in text for row in rows for cell in row)


SECTIONS = [
    "answer",
    "variants",
    "comparison",
    "claims",
    "plots",
    "space",
    "trials",
    "curves",
    "provenance",
    "repeat",
]


def test_what_dropout_is_said_to_do_has_a_table_where_it_was_measured(verdict, searched):
    _, rows = claims.examine(verdict[0]).table()
    text = Parsed(verdict[1]).text
    assert any("sparsity" in row[1] for row in rows)
    assert all(" ".join(row[1:]) in text for row in rows)
    assert "said to do" not in Parsed(searched).text


def test_the_sections_stand_in_the_order_of_the_questions(verdict):
    places = [re.search(f'<section id="{name}"', verdict[1]).start() for name in SECTIONS]
    assert places == sorted(places)
    links = {link["href"] for link in Parsed(verdict[1]).all("a")}
    assert {f"#{name}" for name in SECTIONS} <= links


def test_report_and_terminal_use_the_same_words(searched, capsys):
    display.print_answer(read(_made_studies.study(*trials())), [])
    told = [line for line in capsys.readouterr().out.splitlines() if line.endswith(".")]
    assert len(told) == 3
    assert all(line in Parsed(searched).text for line in told)


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


def test_no_two_elements_share_an_id_though_the_pictures_of_matplotlib_do(searched):
    ids = Parsed(searched).values("id")
    assert len(ids) == len(set(ids)) > 100
    bare = [name.partition("-")[2] for name in ids]
    assert len(bare) > len(set(bare))


def test_every_picture_has_its_words_and_what_lacks_data_is_said_in_a_line():
    results = read(_made_studies.study(*trials(1)))
    pictures, left_out = draw(results)
    text = Parsed(page.render(results, pictures, left_out)).text
    assert pictures
    assert all(picture.text in text for picture in pictures)
    assert left_out
    assert all(f"Left out: {line}" in text for line in left_out)


def test_the_page_names_nothing_outside_itself(verdict):
    text = verdict[1]
    assert not re.search(r"https?:|//\w|@import|url\((?!#)|\bsrc=", text.replace("://", "//x"))
    links = [link for link in Parsed(text).values("href") if not link.startswith(("#", "data:"))]
    assert links == []
    assert re.search(r"https?:", '<img src="https://example.org/x.png">')


def test_what_a_user_supplies_is_text(nasty):
    parsed = Parsed(nasty)
    assert len(parsed.all("script")) == 1
    assert _made_studies.NASTY in parsed.text
    assert _made_studies.LONG in parsed.text
    assert "ü" * 200 in parsed.text
    assert len(Parsed(_made_studies.NASTY).all("script")) == 1


def test_a_browser_runs_the_script_of_the_page_only(searched):
    policy = next(a["content"] for a in Parsed(searched).all("meta") if "http-equiv" in a)
    (script,) = re.findall(r"<script>(.*?)</script>", searched, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(("n", "megabytes"), [(200, 2), (3000, 3)])
def test_the_page_of_many_trials_stays_small_and_is_soon_made(n, megabytes, tmp_path):
    study = _made_studies.study(*trials(n))
    began = time.process_time()
    page.write(read(study), tmp_path / "report.html")
    assert time.process_time() - began < 15
    size = (tmp_path / "report.html").stat().st_size
    assert 100_000 < size < megabytes * 1_000_000
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count('<tr><th scope="row">') == n


def test_drawing_a_page_again_gives_the_same_page(searched):
    assert html(_made_studies.study(*trials())) == searched


@pytest.mark.parametrize(("metric", "order"), [("accuracy", "descending"), ("rmse", "ascending")])
def test_trials_stand_best_first_and_failed_ones_last_with_the_reason(metric, order):
    study = _made_studies.study(
        *trials(metric=metric), _made_studies.trial(96, metric), metric=metric
    )
    text = page.render(read(study))
    table = text[text.index('<section id="trials"') :]
    numbers = [int(n) for n in re.findall(r'<th scope="row">(\d+)</th>', table)]
    assert sorted(numbers) == list(range(41))
    results = read(study)
    assert numbers[0] == results.best.number
    assert numbers[-1] == 40
    assert "ValueError: no" in table
    assert Parsed(text).values("aria-sort") == [order]


def test_a_study_without_trials_has_a_report():
    text = Parsed(page.render(read(_made_studies.study()))).text
    assert "No trial is complete yet." in text
    assert "There is too little data for them." in text


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
    for part in ("7f42cfcee03f3ef6", "1149 train, 288 validation, 360 test", "11, 12, 13"):
        assert part in text
    assert f"python {sys.version.split()[0]}" in text
    assert "tuner compare mine-again --seeds 3" in text


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A folder whose store has a study and its comparison."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "studies").mkdir()
    with contextlib.chdir(folder):
        store = open_storage(URL, create=True)
        _made_studies.compare(_made_studies.study(*trials(8), store=store), store)
    return folder


@pytest.fixture
def stored(filled, monkeypatch):
    """The current folder is that of such a store."""
    monkeypatch.chdir(filled)
    return filled


def test_the_command_writes_the_report_and_says_where(stored, capsys):
    assert run(["report", "mine"]) == 0
    assert capsys.readouterr().out == "studies/mine/: report.html\n"
    written = (stored / "studies" / "mine" / "report.html").read_text(encoding="utf-8")
    assert "Use gaussian dropout at 0.3" in written
    assert run(["report", "mine/compare", "--out", "other/x.html", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == ["other/x.html"]
    assert (stored / "other" / "x.html").read_text(encoding="utf-8") == written


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["mine", "--out", "studies"], "is a directory"),
        (["mine", "--out", "studies/tuner.db/report.html"], "cannot write"),
        (["nothing"], "unknown study 'nothing'"),
    ],
    ids=["a folder", "a place that cannot be", "an unknown study"],
)
def test_what_cannot_be_written_is_said_in_one_line(stored, arguments, says, capsys):
    assert run(["report", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_a_report_needs_no_tensorflow(stored):
    code = (
        "import sys; from tuner.cli.main import run; run(['report', 'mine']);"
        "print({'matplotlib', 'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "{'matplotlib'}"

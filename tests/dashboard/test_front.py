"""Our own pages: what they say, how a report follows its study, what it takes."""

import json

import optuna
import pytest
from _dashboard import begin_comparison, finish_comparison
from _pages import Parsed
from optuna.trial import TrialState
from simulated.stored import make_study
from werkzeug.test import Client

from tuner.comparison.answer import answer_in
from tuner.comparison.verdict import judge
from tuner.dashboard import front
from tuner.dashboard.app import Board
from tuner.dashboard.renewing import renew
from tuner.study.studies import load_study


@pytest.fixture
def board(simulated):
    """The dashboard of a store with one study, of 150 trials."""
    return Board(simulated.database.place.render_as_string())


@pytest.fixture
def undrawn(monkeypatch):
    """Pages without pictures, where it is not asked what they show."""
    monkeypatch.setattr(front.page, "draw", lambda *_given: ((), ()))


def ask(board, path="/studies/simulated", **headers):
    return Client(board).get(path, headers=headers)


def text_of(answer):
    assert answer.status_code == 200
    return Parsed(answer.text).text


def end_one_more(store):
    trial_id = store.create_new_trial(load_study("simulated", store)._study_id)
    store.set_trial_state_values(trial_id, TrialState.COMPLETE, [0.5])


def test_the_report_of_a_study_is_its_page(board, simulated):
    said, text = answer_in(load_study("simulated", simulated), simulated), text_of(ask(board))
    assert all(line in text for _, line in said.lines())
    assert "148 of 150 trials have ended (2 failed)" in text
    assert text.index("All studies") < text.index(said.answer)


def test_a_comparison_has_the_page_of_its_study_with_the_verdict(board, simulated):
    begin_comparison(simulated)
    finish_comparison(simulated)
    text = text_of(ask(board, "/studies/simulated/compare"))
    assert judge(load_study("simulated", simulated), simulated).sentence in text
    assert "Candidates on fresh seeds" in text
    assert "trainings of the comparison" in text


def test_a_page_is_made_once_and_sent_once(board, undrawn, monkeypatch):
    made = []
    make = front.page.of_study
    monkeypatch.setattr(front.page, "of_study", lambda *given: made.append(1) or make(*given))
    first, again = ask(board), ask(board)
    assert first.text == again.text
    assert made == [1]
    assert f'data-tag="{first.get_etag()[0]}"' in first.text
    assert ask(board, If_None_Match=first.headers["ETag"]).status_code == 304
    head = Client(board).head("/studies/simulated")
    assert (head.data, head.headers["ETag"]) == (b"", first.headers["ETag"])


def test_a_page_follows_its_study_after_a_rest(board, undrawn, simulated, monkeypatch):
    before = ask(board)
    end_one_more(simulated)
    assert ask(board).text == before.text
    monkeypatch.setattr(front, "_REST", 0.0)
    after = ask(board)
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.text != before.text


def test_nobody_waits_who_has_an_older_page(board, undrawn, simulated, monkeypatch):
    before = ask(board)
    end_one_more(simulated)
    monkeypatch.setattr(front, "_REST", 0.0)
    with board.front._making:
        assert ask(board).text == before.text
    assert ask(board).text != before.text


def test_no_more_than_some_pages_are_kept(board, undrawn, monkeypatch):
    monkeypatch.setattr(front, "_MOST_KEPT", 0)
    ask(board)
    assert not board.front._made


def test_the_list_has_every_study_with_its_answer_and_the_last_first(simulated, undrawn):
    url = simulated.database.place.render_as_string()
    make_study(url, 6, 3, name="later", hours=1)
    optuna.create_study(storage=simulated, study_name="another's <b>")
    begin_comparison(simulated)
    renew(simulated.database, optuna.storages.get_storage(simulated.database))
    answer = ask(Board(url), "/")
    text, links = text_of(answer), [each["href"] for each in Parsed(answer.text).all("a")]
    said = answer_in(load_study("simulated", simulated), simulated)
    assert said.answer in text
    assert text.index("later") < text.index("simulated")
    assert "another's <b>" in text
    assert "Not a study of tuner" in text
    assert "simulated/compare" not in [each.strip() for each in text.split("Report")]
    assert "/studies/simulated" in links
    assert "/studies/later" in links
    assert all(f"/dashboard/studies/{number}" in links for number in (1, 2, 3, 4))
    assert all(ask(Board(url), link).status_code == 200 for link in links if link[0] == "/")


def test_an_empty_store_says_what_to_type(tmp_path, new_store):
    assert "tuner search" in text_of(ask(Board(new_store(tmp_path / "s.db")), "/"))


def test_a_study_that_is_not_there_is_not_found(board):
    assert ask(board, "/studies/other").status_code == 404


def test_what_cannot_be_read_is_said(board, simulated):
    load_study("simulated", simulated).set_user_attr("definition", {"colour": "red"})
    answer = ask(board)
    assert answer.status_code == 500
    assert "colour" in answer.text
    assert ask(board, "/").status_code == 200


def test_a_page_may_run_its_own_scripts_only(board, undrawn):
    policy = ask(board).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_comparison_has_neither_best_trial_nor_failing_importances(simulated):
    begin_comparison(simulated)
    finish_comparison(simulated)
    board = Board(simulated.database.place.render_as_string())
    best = [json.loads(ask(board, f"/api/studies/{n}").text)["best_trials"] for n in (1, 2)]
    assert [len(each) for each in best] == [1, 0]
    found = [ask(board, f"/api/studies/{n}/param_importances") for n in (1, 2)]
    assert [each.status_code for each in found] == [200, 200]
    assert [bool(json.loads(each.text)["param_importances"][0]) for each in found] == [True, False]

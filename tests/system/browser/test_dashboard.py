"""The dashboard as its reader sees it."""

import pytest
from _dashboard import PASSWORD, USER, Dashboard, fill
from axe_playwright_python.sync_playwright import Axe
from optuna.storages import get_storage
from playwright.sync_api import Error, expect

from tuner.dashboard.renewing import renew
from tuner.storage.connect import open_storage
from tuner.study.studies import load_study

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A store whose studies have notes and figures, and what stands beside it."""
    folder = tmp_path_factory.mktemp("shown")
    fill(folder, large=120, n_epochs=6)
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o600)
    url = f"sqlite:///{folder}/store.db"
    database = open_storage(url).database
    renew(database, get_storage(database))
    database.engine.dispose()
    return folder


@pytest.fixture(scope="module")
def dashboard(folder):
    options = ("--password-file", folder / "password", "--artifacts", folder / "artifacts")
    running = Dashboard(f"sqlite:///{folder}/store.db", *options)
    yield running
    running.end()


@pytest.fixture
def page(browser, dashboard):
    """A page of somebody who has logged in; what its console says against us fails the test."""
    said = []
    credentials = {"username": USER, "password": PASSWORD}
    context = browser.new_context(
        http_credentials=credentials,
        base_url=dashboard.url,
        viewport={"width": 1400, "height": 900},
    )
    opened = context.new_page()
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert [line for line in said if "Content Security Policy" in line or "Error:" in line] == []


def test_a_stranger_sees_nothing(browser, dashboard):
    context = browser.new_context()
    with pytest.raises(Error, match="ERR_INVALID_AUTH_CREDENTIALS"):
        context.new_page().goto(f"{dashboard.url}/dashboard")
    context.close()


def test_a_wrong_password_is_said_so(browser, dashboard):
    context = browser.new_context(http_credentials={"username": USER, "password": "guess"})
    page = context.new_page()
    assert page.goto(f"{dashboard.url}/dashboard").status == 401
    assert "wrong user or password" in page.inner_text("body")
    context.close()


def test_the_front_page_has_the_answers_and_leads_to_reports(page, tmp_path):
    assert page.goto("/").status == 200
    page.screenshot(path=tmp_path / "front.png")
    assert page.get_by_role("heading", level=2).all_inner_texts() == ["large", "small"]
    page.get_by_role("link", name="large").click()
    page.get_by_role("heading", name="large", level=1).wait_for()
    page.screenshot(path=tmp_path / "report.png", full_page=True)
    expect(page.locator("#plots svg")).to_have_count(5)
    page.get_by_role("link", name="Trials in optuna-dashboard").click()
    page.get_by_text("large (id=2)").wait_for()
    page.get_by_role("link", name="Answers").click()
    page.get_by_role("heading", name="Studies").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/studies/large"])
def test_axe_finds_nothing_on_pages_of_ours(browser, dashboard, path, scheme, tmp_path):
    credentials = {"username": USER, "password": PASSWORD}
    context = browser.new_context(
        http_credentials=credentials,
        color_scheme=scheme,
        base_url=dashboard.url,
        viewport={"width": 400, "height": 740},
        bypass_csp=True,  # axe brings a script of its own
    )
    page = context.new_page()
    page.goto(path)
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    context.close()


def test_a_report_follows_its_study(page, folder):
    store = open_storage(f"sqlite:///{folder}/store.db")
    page.goto("/studies/small")
    tag = page.locator("#live").get_attribute("data-tag")
    store.create_new_trial(load_study("small", store)._study_id)
    page.locator(f"#live:not([data-tag='{tag}'])").wait_for(timeout=90_000)
    expect(page.locator("#live")).to_contain_text("1 running")


def test_nothing_that_would_be_refused_is_offered(page):
    page.goto("/dashboard")
    page.get_by_text("1. small", exact=True).wait_for()
    expect(page.get_by_role("button", name="Reload")).to_be_visible()
    for name in ("Create", "rename study", "delete study"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.goto("/dashboard/studies/1/note")
    page.get_by_role("heading", name="What tuner found so far").wait_for()
    expect(page.get_by_test_id("EditIcon")).to_have_count(1)
    expect(page.get_by_test_id("EditIcon")).to_be_hidden()


def test_the_page_of_a_study_has_our_figures(page, tmp_path):
    page.goto("/dashboard/studies/2")
    names = ("answer", "value-by-rate", "learning-curves", "learned-rates")
    for name in names:
        page.locator(f"[id='user-defined-plot:{name}'] .main-svg").first.wait_for()
    page.screenshot(path=tmp_path / "study.png", full_page=True)
    for name in names:
        figure = page.locator(f"[id='user-defined-plot:{name}']")
        figure.locator(".point, .js-line").nth(5).wait_for(state="attached")


def test_the_note_of_a_study(page, tmp_path):
    page.goto("/dashboard/studies/2/note")
    page.get_by_role("heading", name="What tuner found so far").wait_for()
    page.screenshot(path=tmp_path / "note.png", full_page=True)
    expect(page.get_by_text("Answer:")).to_be_visible()
    expect(page.get_by_role("table").locator("tr")).to_have_count(13)


def test_the_page_of_a_leading_trial_has_a_note(page, folder, tmp_path):
    store = open_storage(f"sqlite:///{folder}/store.db")
    best = load_study("small", store).best_trial.number
    page.goto(f"/dashboard/studies/1/trials?numbers={best}")
    page.get_by_role("heading", name="What tuner recorded").wait_for()
    page.screenshot(path=tmp_path / "trial.png", full_page=True)
    expect(page.get_by_text(f"tuner replay small {best}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


def test_a_write_is_refused(page):
    page.goto("/dashboard/studies/1/note")
    write = "fetch('/api/studies/1/note', {method: 'PUT', body: '{}'}).then(each => each.status)"
    assert page.evaluate(write) == 403


def test_an_artifact_does_not_run(page, tmp_path):
    page.goto("/dashboard/studies/1")
    study = page.evaluate("fetch('/api/studies/1').then(answer => answer.json())")
    path = f"/artifacts/1/{study['artifacts'][0]['artifact_id']}"
    with page.expect_download() as download:
        page.evaluate("path => { window.location = path }", path)
    assert "<script>" in download.value.path().read_text()
    assert page.title() == "Optuna Dashboard"
    answer = page.evaluate("path => fetch(path).then(answer => answer.text())", path)
    assert "<script>" in answer

"""The report as its readers meet it: from a file, on a desk, a phone, paper, by keyboard."""

import re

import _made_studies
import optuna
import pytest
from _pages import html
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tuner.export.report import page as report
from tuner.study.reading import read

pytestmark = pytest.mark.slow

PHONE, DESKTOP, WALL = (400, 740), (1280, 900), (1920, 1080)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The addresses of reports: of a search, its comparison, nasty names, 3,000 trials undrawn."""
    folder = tmp_path_factory.mktemp("reports")
    store = optuna.storages.InMemoryStorage()
    parent = _made_studies.study(*(_made_studies.trial(n) for n in range(40)), store=store)
    _made_studies.compare(parent, store)
    many = _made_studies.study(*(_made_studies.trial(n) for n in range(3000)))
    pages = {
        "compared": report.of_study(parent, store),
        "searched": html(parent),
        "nasty": html(_made_studies.nasty()),
        "many": report.render(read(many)),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in pages}


@pytest.fixture
def visit(browser, written):
    """Open a report in a window of a size and scheme; the page, and what it said and asked for."""
    contexts = []

    def opened(name, size=DESKTOP, scheme="light"):
        width, height = size
        viewport = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=viewport, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.told = []
        page.on("console", lambda message: page.told.append(message.text))
        page.on("pageerror", lambda error: page.told.append(str(error)))
        page.on("dialog", lambda dialog: (page.told.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: page.told.append(request.url))
        page.goto(written[name])
        assert page.told.pop(0) == written[name]
        return page

    yield opened
    for context in contexts:
        context.close()


def column(page, index):
    return page.evaluate(
        "i => [...document.querySelectorAll('.sortable tbody tr')]"
        ".map(row => row.cells[i].textContent)",
        index,
    )


def sorting(page):
    headers = page.locator(".sortable th[aria-sort]").all()
    return [(h.text_content(), h.get_attribute("aria-sort")) for h in headers]


@pytest.mark.parametrize("name", ["searched", "compared", "nasty", "many"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP, WALL], ids=["phone", "desktop", "wall"])
def test_a_report_opens_offline_without_a_word_and_fits(visit, name, size):
    page = visit(name, size)
    assert page.told == []
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert page.evaluate("[...document.images].length") == 0
    wide = page.locator(".scroll").evaluate_all(
        "boxes => boxes.some(b => b.scrollWidth > b.clientWidth)"
    )
    assert wide or size != PHONE
    top = page.locator("#appendix").bounding_box()["y"]
    assert 500 < top <= 4000 or size == PHONE or name == "nasty"


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("searched", "light"),
        ("compared", "dark"),
        pytest.param("searched", "dark", marks=pytest.mark.zoo),
        pytest.param("compared", "light", marks=pytest.mark.zoo),
    ],
)
def test_axe_finds_nothing_also_where_all_is_open(visit, name, scheme):
    page = visit(name, scheme=scheme)
    assert violations(page) == []
    for button in page.locator(".explore").all():
        button.click()
    page.locator(".live .main-svg").nth(3).wait_for()
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert violations(page) == []


def violations(page):
    return [each["id"] for each in Axe().run(page).response["violations"]]


def test_axe_would_notice_a_button_without_a_name(visit):
    page = visit("searched")
    page.evaluate("document.querySelector('.explore').setAttribute('aria-label', '')")
    page.evaluate("document.querySelector('.explore').textContent = ''")
    assert violations(page) == ["button-name"]


def test_a_picture_can_be_explored_offline_and_put_back(visit):
    page = visit("searched")
    figure = page.locator("#plot-value_by_rate")
    picture, live = figure.locator(".card > svg"), figure.locator(".live")
    button = figure.get_by_role("button", name="Explore")
    expect(picture).to_be_visible()
    button.click()
    live.locator(".scatterlayer .points path").first.wait_for()
    expect(picture).to_be_hidden()
    expect(button).to_have_attribute("aria-pressed", "true")
    point = live.locator(".scatterlayer .points path").first.bounding_box()
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    live.locator(".hovertext").first.wait_for()
    button.click()
    expect(picture).to_be_visible()
    expect(live).to_be_hidden()
    assert page.told == []


def test_a_link_into_the_appendix_opens_it(visit):
    page = visit("searched")
    expect(page.locator("#trials table")).to_be_hidden()
    page.get_by_role("link", name="All trials").first.click()
    expect(page.locator("#trials table")).to_be_visible()


def test_a_request_and_an_error_would_be_noticed(visit):
    page = visit("compared")
    with page.expect_console_message(lambda message: "Security Policy" in message.text):
        page.evaluate("fetch('https://example.org/x').catch(() => 0)")
    with page.expect_console_message(lambda message: message.text == "no"):
        page.evaluate("console.error('no')")
    assert page.told[-1] == "no"
    assert len(page.told) >= 2


def test_what_a_user_supplies_is_seen_and_does_not_run(visit):
    page = visit("nasty")
    assert _made_studies.NASTY in page.locator("main").inner_text().replace("\n", "")
    assert page.told == []


def test_the_answer_is_what_a_reader_sees_first(visit):
    for size in (PHONE, DESKTOP):
        page = visit("compared", size)
        box = page.locator(".answer").bounding_box()
        assert box["y"] + box["height"] < size[1]
        assert page.locator(".answer").inner_text().startswith("Use gaussian dropout at 0.3")


def test_trials_are_sorted_by_a_click_and_by_keyboard(visit):
    page = opened(visit("compared"))
    assert sorting(page) == [("accuracy", "descending")]
    page.get_by_role("button", name="trial", exact=True).click()
    assert column(page, 0) == [str(n) for n in range(40)]
    assert sorting(page) == [("trial", "ascending")]
    page.keyboard.press("Enter")
    assert column(page, 0) == [str(n) for n in reversed(range(40))]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert column(page, 1) == sorted(column(page, 1))
    assert sorting(page) == [("state", "ascending")]


def opened(page):
    """The page with the table of all trials."""
    page.evaluate("document.getElementById('trials').open = true")
    return page


def test_what_a_trial_lacks_is_last_in_both_directions(visit):
    page = opened(visit("compared"))
    for _ in range(2):
        page.get_by_role("button", name="accuracy").click()
        found = column(page, 3)
        known = [float(text) for text in found if text != "-"]
        assert found[len(known) :] == ["-"] * (len(found) - len(known)) != []
        assert known in (sorted(known), sorted(known, reverse=True))


def test_thousands_of_trials_are_sorted_at_once(visit):
    page = opened(visit("many"))
    for name in ("params, and why it failed", "trial"):
        button = page.get_by_role("button", name=name, exact=True)
        seconds = button.evaluate(
            "b => Math.min(...[1, 2, 3].map(() => { const t = performance.now(); b.click();"
            " document.body.offsetHeight; return (performance.now() - t) / 1000; }))"
        )
        assert seconds < 3
    assert column(page, 0) == [str(n) for n in range(3000)]


def test_the_keyboard_reaches_the_answer_first_and_shows_where_it_is(visit):
    page = visit("compared")
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.inner_text() == "Skip to the answer"
    assert link.bounding_box()["x"] >= 0
    assert link.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_pictures_can_be_read_in_both_schemes(visit, scheme):
    page = visit("compared", scheme=scheme)
    pairs = [
        ("#answer", ".answer"),
        ("#answer", ".remark"),
        ("body", ".card svg text"),
        ("thead th", "thead th"),
    ]
    for behind, text in pairs:
        ratio = page.evaluate(CONTRAST, [behind, text])
        assert ratio > 4.5, (behind, text, ratio)
    assert (page.evaluate(LUMINANCE, "body") > 0.5) == (scheme == "light")


BRIGHTNESS = """
const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const brightness = colour => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(channel);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const style = name => getComputedStyle(document.querySelector(name));
"""
LUMINANCE = f"name => {{ {BRIGHTNESS} return brightness(style(name).backgroundColor); }}"
CONTRAST = f"""([behind, name]) => {{ {BRIGHTNESS}
  const text = style(name), colour = name.includes("svg") ? text.fill : text.color;
  const [a, b] = [brightness(style(behind).backgroundColor), brightness(colour)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}}"""


def test_contrast_of_grey_on_white_would_be_noticed(visit):
    page = visit("compared")
    page.add_style_tag(content=".answer { color: #999 }")
    assert page.evaluate(CONTRAST, ["body", ".answer"]) < 4.5


@pytest.mark.parametrize("name", ["searched", "compared", "many"])
def test_a_print_is_short_and_has_nothing_to_click(visit, name):
    page = visit(name)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 4
    page.emulate_media(media="print")
    expect(page.locator(".answer")).to_be_visible()
    for hidden in ("nav", ".explore", "#appendix"):
        expect(page.locator(hidden).first).to_be_hidden()


@pytest.mark.parametrize("size", [PHONE, (1000, 800), WALL])
def test_what_stands_above_a_wide_table_is_read_without_scrolling(visit, size):
    page = visit("compared", size)
    cut = """() => [...document.querySelectorAll("section .scroll")].filter((box) => {
      box.querySelector("td").style.paddingRight = "2000px";
      const said = box.querySelector("caption span");
      return said.getBoundingClientRect().right > box.getBoundingClientRect().right;
    }).length"""
    assert page.evaluate(cut) == 0

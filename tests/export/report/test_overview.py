"""The list of studies as a page."""

from _pages import Parsed

from tuner.export.report.overview import Entry, render
from tuner.export.report.page import Live

LIVE = Live("tag", "2 studies", [("optuna-dashboard", "/dashboard")])


def entry(name="a"):
    links = [("Report", f"/studies/{name}"), ("Trials", "/dashboard/studies/1")]
    return Entry(name, "Use <b>no</b> dropout.", [("Data", "x & y")], links)


def test_what_is_said_is_text_and_the_name_leads_to_the_report():
    page = Parsed(render([entry("first"), entry("second")], LIVE))
    assert page.text.count("Use <b>no</b> dropout.") == 2
    assert "x & y" in page.text
    assert page.text.index("first") < page.text.index("second")
    links = [each["href"] for each in page.all("a")]
    assert links.count("/studies/first") == 2
    assert links[1] == "/dashboard"


def test_without_studies_it_says_how_to_begin():
    assert "tuner search --trials 50" in Parsed(render([], LIVE)).text

"""A figure of the dashboard shows the rows of its plot, and what the picture in print shows."""

import math
import re
from itertools import pairwise

import pytest
from _drawn import a_comparison, a_study, read, trial
from matplotlib import rc_context
from plotly import graph_objects as go

from tuner.plots import PLOTS
from tuner.plots._drawing import STYLE
from tuner.plots._thinning import MOST_POINTS, spread, thinned
from tuner.plots._traces import BAND
from tuner.plots.interactive import document, figure_of
from tuner.plots.making import make
from tuner.plots.picture import OFF_SCALE, Axis, Block, Panel, Picture, Points
from tuner.plots.rendering import figure_of as in_print
from tuner.plots.shapes import COLUMN

NAMES = [name for name in PLOTS if name != "rate_by_width"]
CASES = [(name, case) for name in NAMES for case in ("search", "compared")]


def a_plot(name, case="search"):
    metric = "accuracy" if case == "search" else "rmse"
    return make(name, a_study(metric), a_comparison(metric) if case == "compared" else None)


def draw(picture):
    return go.Figure(document(picture))


@pytest.fixture(params=CASES, ids="-".join)
def drawn(request):
    """A plot, and its figure."""
    plot = a_plot(*request.param)
    return plot, figure_of(plot)


def traces(figure, *names, panel=None):
    """The traces of these names, in one panel or in all."""
    own = [each for each in figure.data if each.meta != BAND]
    return [
        each
        for each in own
        if (not names or each.name in names)
        and panel in (None, each.xaxis.removeprefix("x") or "1")
    ]


def points(figure, *names, panel=None):
    """The points of these names, sorted."""
    found = traces(figure, *names, panel=panel)
    return sorted(pair for each in found for pair in zip(each.x, each.y, strict=True))


def near(values):
    """These values in order, with the digits that can be seen."""
    found = sorted(values)
    return pytest.approx(found, abs=(found[-1] - found[0]) / 1_999)


def is_near(found, wanted):
    assert len(found) == len(wanted) > 0
    for one, other in zip(found, sorted(wanted), strict=True):
        assert one == pytest.approx(other, abs=1e-4)
    return True


def test_value_by_rate_shows_its_rows():
    plot = a_plot("value_by_rate")
    figure = figure_of(plot)
    numbers = {note.text: str(n) for n, note in enumerate(titles(figure), start=1)}
    assert numbers["all variants"] == "1"
    for variant in ("standard", "gaussian"):
        rows = [row for row in plot.rows if row["variant"] == variant and row["trial"] is not None]
        shown = points(figure, "a trial", "another network", panel=numbers[variant])
        assert is_near(shown, [(row["rate"], row["value"]) for row in rows])
    line = traces(figure, "same network, no dropout", panel="1")[0]
    assert line.y[0] == pytest.approx(plot.rows[0]["value"], abs=1e-4)


def titles(figure):
    """The annotations that are titles of panels."""
    return [note for note in figure.layout.annotations if note.yanchor == "bottom"]


def test_the_answer_shows_its_rows():
    plot = a_plot("answer", "compared")
    figure = figure_of(plot)
    shown = points(figure, "dropout", "no dropout", panel="1")
    assert [x for x, _ in shown] == near(row["value"] for row in plot.rows)
    ends = [x for each in traces(figure, "", panel="1") for x in each.x if x is not None]
    rows = [row for row in plot.rows if row["low"] is not None]
    assert sorted(ends) == near(row[end] for row in rows for end in ("low", "high"))


def test_learning_curves_show_their_rows():
    plot = a_plot("learning_curves")
    figure = figure_of(plot)
    for number, note in enumerate(titles(figure), start=1):
        rows = [row for row in plot.rows if row["candidate"] == note.text and row["is_dropout"]]
        shown = points(figure, "with dropout", panel=str(number))
        assert set(near_pairs(shown)) <= set(near_pairs((r["epoch"], r["mean"]) for r in rows))
        assert shown[-1][0] == rows[-1]["epoch"]


def near_pairs(pairs):
    return [(round(x, 3), round(y, 3)) for x, y in pairs]


def test_learned_rates_show_their_rows():
    plot = a_plot("learned_rates")
    figure = figure_of(plot)
    lines = [each for each in traces(figure, panel="1") if "lines" in each.mode]
    pairs = [pair for each in lines for pair in zip(each.x, each.y, strict=True)]
    learned = [(row["epoch"], row["learned"]) for row in plot.rows if row["epoch"] is not None]
    assert is_near(sorted(pair for pair in pairs if pair[0] is not None), learned)
    given = [row["rate"] for row in plot.rows if row["epoch"] is None]
    shown = points(figure, "searched rate", "searched rate, best trial")
    assert [x for x, _ in shown] == near(given)
    last = max(row["epoch"] for row in plot.rows if row["epoch"] is not None)
    ends = [row["learned"] for row in plot.rows if row["epoch"] == last]
    shown = points(figure, "learned rate", "learned rate, best trial")
    assert [x for x, _ in shown] == near(ends)


def test_bars_are_as_long_as_their_rows_say():
    plot = a_plot("cost")
    bars = [each for each in figure_of(plot).data if each.type == "bar"]
    assert {each.orientation for each in bars} == {"h"}
    total = sum(sum(each.x) for each in bars)
    assert total == pytest.approx(sum(row["seconds"] for row in plot.rows))


def test_it_shows_what_the_picture_in_print_shows(drawn):
    plot, figure = drawn
    with rc_context(STYLE):
        printed = in_print(plot, COLUMN)
        printed.draw_without_rendering()
    for number, axes in enumerate(printed.axes, start=1):
        x, y = (figure.layout[f"{name}axis{number}"] for name in "xy")
        assert axes.get_xlim() == pytest.approx(x.range)
        first = int(y.matches.removeprefix("y") or 1) if y.matches else number
        assert axes.get_ylim() == pytest.approx(figure.layout[f"yaxis{first}"].range)
        marks = [line for line in axes.lines if not is_rule(line)]
        shown = [each for each in traces(figure, panel=str(number)) if each.type == "scatter"]
        shown = [each for each in shown if each.fill != "toself"]
        rules = [each for each in shown if each.line.dash == "dot" and each.hoverinfo == "skip"]
        assert len(marks) == len([each for each in shown if len(each.x) and each not in rules])


def is_rule(line):
    """Whether a line of Matplotlib goes through all of its panel."""
    return line.get_transform() != line.axes.transData


def test_title_and_labels_are_those_in_print(drawn):
    plot, figure = drawn
    printed = in_print(plot, COLUMN)
    flat = printed.get_suptitle().replace("\n", " ")
    assert figure.layout.title.text.replace("<br>", " ") == flat
    said = {note.text for note in figure.layout.annotations}
    found = [axes.get_title().split("\n") for axes in printed.axes if axes.get_title()]
    assert {name + "".join(f" ({each})" for each in note) for name, *note in found} <= said
    labels = {re.split(", |\n", axes.get_xlabel())[0] for axes in printed.axes}  # without units
    assert labels - {""} <= said


def test_every_axis_has_limits(drawn):
    _, figure = drawn
    axes = [axis for key, axis in figure.layout.to_plotly_json().items() if "axis" in key]
    assert axes
    assert all(len(axis["range"]) == 2 for axis in axes)


def test_no_panel_stands_on_another(drawn):
    _, figure = drawn
    layout = figure.layout.to_plotly_json()
    numbers = {key.removeprefix("xaxis") for key in layout if key.startswith("xaxis")}
    boxes = [(*layout[f"xaxis{n}"]["domain"], *layout[f"yaxis{n}"]["domain"]) for n in numbers]
    for box in boxes:
        assert 0 <= box[0] < box[1] <= 1.001
        assert 0 <= box[2] < box[3] <= 1.001
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert not any(
        min(a[1], b[1]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[2], b[2]) for a, b in pairs
    )


def test_what_lies_off_the_scale_is_an_arrow_at_its_end():
    trials = [trial("standard", 0.9 + n / 1000, n / 20) for n in range(12)]
    study = read(trial("none", 0.8), *trials, trial("standard", 0.1, 0.7))
    figure = figure_of(make("history", study))
    arrow = traces(figure, OFF_SCALE)[-1]
    low, high = figure.layout.yaxis1.range
    assert arrow.marker.symbol == "triangle-down"
    assert arrow.x == (13,)
    assert low < arrow.y[0] < low + 0.1 * (high - low)


def test_names_are_no_markup():
    panel = Panel([], Axis("<i>x</i>", None), "<b>&")
    figure = draw(Picture("a<b>&c", [Block([panel], Axis("y", None), 1.0)]))
    assert figure.layout.title.text == "a&lt;b&gt;&amp;c"
    said = {note.text for note in figure.layout.annotations}
    assert said == {"&lt;b&gt;&amp;", "&lt;i&gt;x&lt;/i&gt;", "y"}


def test_a_long_title_has_several_lines():
    trials = [trial("none", 0.8), *(trial("standard", 0.9, rate / 10) for rate in range(5))]
    lines = figure_of(make("history", read(*trials, name="a" * 100))).layout.title.text.split(
        "<br>"
    )
    assert len(lines) > 1
    assert max(map(len, lines)) < 100


def test_a_mark_of_many_points_is_thinned_evenly_and_that_is_said():
    trials = [trial("standard", 0.5 + n / 1000, n / 1000) for n in range(401)]
    plot = make("history", read(trial("none", 0.8), *trials))
    whole, small = draw(plot.picture), figure_of(plot)
    assert len(points(whole, "dropout (n=401)")) == 401
    shown = points(small, "dropout (n=401)")
    assert len(shown) == MOST_POINTS
    assert set(shown) < set(points(whole, "dropout (n=401)"))
    assert [shown[0], shown[-1]] == [(1, 0.5), (401, 0.9)]
    steps = [b[0] - a[0] for a, b in pairwise(shown)]
    assert max(steps) - min(steps) <= 1
    assert f"at most {MOST_POINTS} points" in small.layout.title.text
    assert "at most" not in whole.layout.title.text


def test_what_is_small_is_not_thinned(drawn):
    plot, figure = drawn
    assert thinned(plot.picture) is plot.picture
    assert "at most" not in figure.layout.title.text


@pytest.mark.parametrize(
    ("last", "step"), [(2, 1), (5, 1), (11, 2), (20, 5), (30, 10), (100, 20), (1000, 200)]
)
def test_whole_numbers_have_whole_steps(last, step):
    panel = Panel([], Axis("Epoch", (1, last), is_whole=True))
    figure = draw(Picture("", [Block([panel], Axis("y", None), 1.0)]))
    assert figure.layout.xaxis.dtick == step


@pytest.mark.parametrize("middle", [0.0, 1e6], ids=["at 0", "far from 0"])
def test_values_have_the_digits_that_can_be_seen(middle):
    values = [middle + n / 997 for n in range(300)]
    marks = [Points("all", values, [0.0] * 300)]
    panel = Panel(marks, Axis("x", (values[0], values[-1])))
    (trace,) = draw(Picture("", [Block([panel], Axis("y", (0.0, 1.0)), 1.0)])).data
    errors = [abs(a - b) for a, b in zip(trace.x, values, strict=True)]
    assert 0 < max(errors) < (values[-1] - values[0]) / 2_000


@pytest.mark.parametrize(("n", "most"), [(0, 3), (2, 3), (3, 3), (4, 3), (1000, 3)])
def test_a_spread_has_both_ends(n, most):
    found = list(spread(range(n), most))
    assert len(found) == min(n, most)
    assert [*found[:1], *found[-1:]] == [*range(n)][:1] + [*range(n)][-1:]


def test_what_matplotlib_alone_draws_is_refused():
    with pytest.raises(TypeError, match="Matplotlib only"):
        figure_of(make("rate_by_width", a_study()))


def test_nothing_but_numbers_and_gaps_is_written():
    diverged = trial("standard", math.inf, 0.5, metric="rmse")
    others = [trial("none", 0.8, metric="rmse")]
    others += [trial("standard", 0.7, n / 10, metric="rmse") for n in range(5)]
    found = read(*others, diverged, metric="rmse")
    names = ("answer", "value_by_rate", "learning_curves", "cost", "history")
    figures = [figure_of(make(name, found)) for name in names]
    assert all("Infinity" not in figure.to_json() for figure in figures)
    assert all("NaN" not in figure.to_json() for figure in figures)

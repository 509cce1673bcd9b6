"""Every plot of every kind of study can be read: one suite over the table of plots."""

from itertools import combinations

import numpy as np
import pytest
from _drawn import a_comparison, a_study, read, trial
from matplotlib import rc_context
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from optuna.trial import TrialState

from tuner.plots import PLOTS
from tuner.plots._drawing import STYLE, WIDTH, lay_out
from tuner.plots.rendering import figure_of, make
from tuner.plots.saving import save_plots

CASES = {"search": ("accuracy", False), "regression, compared": ("rmse", True)}

EVERY = [(name, case) for name in PLOTS for case in CASES]


@pytest.fixture(scope="module")
def drawn():
    """Each plot of each case, drawn once: (plot, figure)."""
    found = {}
    for case, (metric, is_compared) in CASES.items():
        study, compared = a_study(metric), a_comparison(metric) if is_compared else None
        for name in PLOTS:
            plot = make(name, study, compared)
            found[name, case] = plot, draw(plot)
    return found


def draw(plot):
    with rc_context(STYLE):
        figure = figure_of(plot)
        lay_out(figure)
        figure.draw_without_rendering()
    return figure


@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_no_panel_is_empty(drawn, key):
    _, figure = drawn[key]
    assert figure.axes
    assert all(axes.has_data() for axes in figure.axes)


@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_axes_say_what_they_show(drawn, key):
    _, figure = drawn[key]
    across = [figure.get_supxlabel(), *(axes.get_xlabel() for axes in figure.axes)]
    along = [figure.get_supylabel(), *(axes.get_ylabel() for axes in figure.axes)]
    names = [text for axes in figure.axes for text in axes.get_yticklabels() if "n=" in str(text)]
    assert any(across)
    assert any(along) or names


@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_no_text_is_cut_off(drawn, key):
    _, figure = drawn[key]
    page, boxes = figure.bbox, boxes_of(figure)
    assert len(boxes) > 5
    outside = [
        text
        for text, b in boxes
        if b.x0 < page.x0 or b.x1 > page.x1 or b.y0 < page.y0 - 1 or b.y1 > page.y1
    ]
    assert outside == []


@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_no_text_stands_on_another(drawn, key):
    _, figure = drawn[key]
    assert overlaps(boxes_of(figure)) == []


def test_texts_on_each_other_would_be_noticed():
    figure = Figure()
    for x in (0.5, 0.51):
        figure.text(x, 0.5, "a title")
    figure.draw_without_rendering()
    assert overlaps(boxes_of(figure)) == [("a title", "a title")]


@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_the_legend_covers_no_panel(drawn, key):
    _, figure = drawn[key]
    panels = [axes.get_window_extent() for axes in figure.axes]
    legends = [legend.get_window_extent() for legend in figure.legends]
    assert legends or key[0] == "rate_by_width"
    assert not any(overlap(legend, panel) for legend in legends for panel in panels)


@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_it_can_be_read_in_a_column_of_print(drawn, key):
    _, figure = drawn[key]
    assert figure.get_figwidth() == WIDTH
    assert min(text.get_fontsize() for text in texts_of(figure)) >= 7


@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_it_can_be_read_without_colours(drawn, key):
    _, figure = drawn[key]
    looks = [look(handle) for legend in figure.legends for handle in legend.legend_handles]
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_words_and_rows_come_with_it(drawn, key):
    plot, _ = drawn[key]
    assert plot.title.startswith("digits: ")
    assert len(plot.title) < 70
    assert plot.text.endswith(".")
    assert any(character.isdigit() for character in plot.text)
    assert plot.rows
    assert len({tuple(row) for row in plot.rows}) == 1


FORMULA = r"a$\frac$b"

NEED_MORE = ["rate_by_width", "importance", "learned_rates", "pruning"]


def test_trial_of_one_epoch_is_drawn(tmp_path):
    short = trial("none", 0.8, epochs=1), trial("standard", 0.9, 0.5, epochs=1)
    left_out = save_plots(read(*short), tmp_path, ("svg",))[1]
    assert [line.partition(":")[0] for line in left_out] == NEED_MORE


@pytest.mark.parametrize(
    ("state", "value"),
    [(TrialState.COMPLETE, np.inf), (TrialState.PRUNED, np.inf), (TrialState.PRUNED, np.nan)],
    ids=["infinite", "pruned at infinity", "pruned at NaN"],
)
def test_trial_that_diverged_spoils_no_plot(tmp_path, state, value):
    others = [trial("none", 0.8, metric="rmse"), trial("standard", 0.7, 0.2, metric="rmse")]
    diverged = [trial(v, value, 0.5, state, "rmse") for v in ("standard", "gaussian")]
    left_out = save_plots(read(*others, *diverged, metric="rmse"), tmp_path, ("svg",))[1]
    assert {line.partition(":")[0] for line in left_out} <= set(NEED_MORE)


@pytest.mark.parametrize("study", ["a" * 100, "-".join(["long"] * 20)], ids=["a word", "words"])
def test_a_long_name_of_a_study_is_wrapped(study):
    trials = trial("none", 0.8), trial("standard", 0.9, 0.5)
    figure = draw(make("value_by_rate", read(*trials, name=study)))
    title = figure.get_suptitle()
    assert title.replace("\n", "").startswith(study)
    box = figure._suptitle.get_window_extent()
    assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1
    assert all(box.y0 > axes.title.get_window_extent().y1 for axes in figure.axes)


def test_names_of_params_are_no_formulas():
    trials = [trial("standard", value, value) for value in np.linspace(0.5, 0.9, 30)]
    for each in trials:
        each.params[FORMULA] = each.params["rate"]
        each.distributions[FORMULA] = each.distributions["rate"]
        each.user_attrs["params"][FORMULA] = each.params["rate"]
    texts = [text.get_text() for text in texts_of(draw(make("importance", read(*trials))))]
    assert f"{FORMULA} (n=30)" in texts


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_no_panel_has_a_factor_where_its_title_is(scale):
    trials = trial("none", scale, metric="mse"), trial("standard", 2 * scale, 0.5, metric="mse")
    found = read(*trials, metric="mse")
    for name in ("value_by_rate", "loss_side_by_side", "history"):
        figure = draw(make(name, found))
        assert {axes.yaxis.get_offset_text().get_text() for axes in figure.axes} == {""}


def texts_of(figure):
    """All that is written in a figure and seen."""
    for legend in figure.legends:
        yield from legend.get_texts()
    own = [figure, *figure.subfigs]
    found = [text for each in own for text in each.texts]
    for axes in figure.axes:
        ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
        inside = [text for text in ticks if is_inside(text, axes)]
        found += [axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts, *inside]
    yield from (text for text in found if text.get_text() and text.get_visible())


def is_inside(label, axes):
    x, y = label.get_position()
    panel = axes.get_window_extent()
    place = axes.transData.transform((x, y))
    horizontal = label in axes.get_xticklabels()
    low, high, at = (panel.x0, panel.x1, place[0]) if horizontal else (panel.y0, panel.y1, place[1])
    return low - 1 <= at <= high + 1


def boxes_of(figure):
    return [(text.get_text(), text.get_window_extent()) for text in texts_of(figure)]


def overlap(a, b, tolerance=1.0):
    """Whether two boxes share more than a border of a pixel."""
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    along = min(a.y1, b.y1) - max(a.y0, b.y0)
    return across > tolerance and along > tolerance


def overlaps(boxes):
    return [(a, b) for (a, box), (b, other) in combinations(boxes, 2) if overlap(box, other)]


def look(handle):
    """How a legend entry looks without its hue: dashes, marker, hatching, filled or not."""
    if isinstance(handle, Rectangle):
        return handle.get_hatch(), same_color(handle.get_facecolor(), "white")
    assert isinstance(handle, Line2D)
    filled = not same_color(handle.get_markerfacecolor(), "white")
    return handle.get_linestyle(), handle.get_marker(), filled

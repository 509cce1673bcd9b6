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

from tuner.plots import DEFAULT, PLOTS
from tuner.plots import picture as pictures
from tuner.plots._drawing import STYLE, lay_out
from tuner.plots.making import make
from tuner.plots.picture import Bars, Line, Picture, Points
from tuner.plots.rendering import figure_of
from tuner.plots.saving import save_plots
from tuner.plots.shapes import COLUMN, WIDE

CASES = {"search": ("accuracy", False, WIDE), "regression, compared": ("rmse", True, COLUMN)}

EVERY = [(name, case) for name in PLOTS for case in CASES]
PICTURES = [each for each in EVERY if each[0] != "rate_by_width"]


@pytest.fixture(scope="module")
def drawn():
    """Each plot of each case, drawn once: (plot, figure)."""
    found = {}
    for case, (metric, is_compared, shape) in CASES.items():
        study, compared = a_study(metric), a_comparison(metric) if is_compared else None
        for name in PLOTS:
            plot = make(name, study, compared)
            found[name, case] = plot, draw(plot, shape)
    return found


def draw(plot, shape=WIDE):
    with rc_context(STYLE):
        figure = figure_of(plot, shape)
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
    ticks = [text.get_text() for axes in figure.axes for text in axes.get_yticklabels()]
    names = [text for text in ticks if text[:1].isalpha()]
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
def test_it_can_be_read_in_16_to_9_and_in_a_column_of_print(drawn, key):
    _, figure = drawn[key]
    wide, high = figure.get_size_inches()
    assert wide in (WIDE.width, COLUMN.width)
    assert wide == COLUMN.width or high == pytest.approx(wide * 9 / 16)
    least = min(text.get_fontsize() for text in texts_of(figure))
    assert least / 72 * 400 / wide >= 9  # pixels, where it is shown 400 pixels wide


def marks_of(plot):
    assert isinstance(plot.picture, Picture)
    for block in plot.picture.blocks:
        for panel in block.panels:
            yield from ((mark, panel.x.limits, block.y.limits) for mark in panel.marks)


def ends_of(mark):
    """All x and all y of a mark, without what is off its scale."""
    if isinstance(mark, Points):
        return mark.x, mark.y
    if isinstance(mark, Bars):
        starts = mark.start or [0] * len(mark.y)
        return [a + b for a, b in zip(starts, mark.length, strict=True)], mark.y
    if isinstance(mark, Line):
        x, y = mark.joined()
        return x, [*y, *(end for ends in mark.band or () for end in ends)]
    return [], []


@pytest.mark.parametrize("key", [each for each in EVERY if each[0] in DEFAULT], ids="-".join)
def test_nothing_of_the_five_is_clipped(drawn, key):
    for mark, across, along in marks_of(drawn[key][0]):
        for values, (low, high) in zip(ends_of(mark), (across, along), strict=True):
            assert all(low <= value <= high for value in values if not np.isnan(value))


@pytest.mark.parametrize("key", PICTURES, ids="-".join)
def test_blue_is_dropout_and_grey_is_none(drawn, key):
    blues = {pictures.BLUE, pictures.NAVY, pictures.SKY, pictures.PALE}
    greys = {pictures.GREY, pictures.LIGHT}
    found = {getattr(mark, "color", pictures.GREY) for mark, *_ in marks_of(drawn[key][0])}
    assert found <= blues | greys | {pictures.BLACK}
    for mark, *_ in marks_of(drawn[key][0]):
        if "no dropout" in mark.label or "without dropout" in mark.label:
            assert getattr(mark, "color", pictures.GREY) in greys


@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_it_can_be_read_without_colours(drawn, key):
    _, figure = drawn[key]
    """Grey is the network without dropout, which has a line of its own, or a shape."""
    handles = [handle for legend in figure.legends for handle in legend.legend_handles]
    looks = [look(handle) for handle in handles if not is_grey_bar(handle)]
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

NEED_MORE = ["rate_by_width", "parallel_coordinates", "importance", "learned_rates", "pruning"]


def test_no_panel_has_fewer_than_five_points(tmp_path):
    short = [trial("none", 0.8, epochs=4)]
    short += [trial(v, 0.9 - n / 100, n / 5, epochs=4) for v in ("standard", "a") for n in (1, 2)]
    found = read(*short)
    assert len(make("value_by_rate", found).picture.blocks) == 1  # no variant has a panel
    left_out = save_plots(found, tmp_path, ("svg",), names=tuple(PLOTS))[1]
    names = [line.partition(":")[0] for line in left_out]
    assert {"learning_curves", "gap_by_rate"} < set(names)
    few = save_plots(read(*short[:4]), tmp_path, ("svg",), names=("history",))[1]
    assert few == ["history: needs 5 finished trials, one of them complete"]


@pytest.mark.parametrize(
    ("state", "value"),
    [(TrialState.COMPLETE, np.inf), (TrialState.PRUNED, np.inf), (TrialState.PRUNED, np.nan)],
    ids=["infinite", "pruned at infinity", "pruned at NaN"],
)
def test_trial_that_diverged_spoils_no_plot(tmp_path, state, value):
    rates = (0.1, 0.2, 0.3, 0.4, 0.5)
    others = [trial("standard", 0.7 + rate, rate, metric="rmse") for rate in rates]
    diverged = [trial(v, value, 0.5, state, "rmse") for v in ("standard", "gaussian")]
    found = read(trial("none", 0.8, metric="rmse"), *others, *diverged, metric="rmse")
    left_out = save_plots(found, tmp_path, ("svg",), names=tuple(PLOTS))[1]
    assert {line.partition(":")[0] for line in left_out} <= {*NEED_MORE, "cost"}


@pytest.mark.parametrize("study", ["a" * 100, "-".join(["long"] * 20)], ids=["a word", "words"])
def test_a_long_name_of_a_study_is_wrapped(study):
    trials = [trial("none", 0.8), *(trial("standard", 0.9, rate / 10) for rate in range(5))]
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
    values = enumerate((1, 1.5, 2, 1.7, 1.2))
    trials = [trial("standard", scale * each, n / 5, metric="mse") for n, each in values]
    found = read(trial("none", scale, metric="mse"), *trials, metric="mse")
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


def is_grey_bar(handle):
    return isinstance(handle, Rectangle) and same_color(handle.get_edgecolor(), pictures.GREY)


def look(handle):
    """How a legend entry looks without its hue: dashes, marker, hatching, filled or not."""
    if isinstance(handle, Rectangle):
        return handle.get_hatch(), same_color(handle.get_facecolor(), "white"), handle.get_alpha()
    assert isinstance(handle, Line2D)
    filled = not same_color(handle.get_markerfacecolor(), "white")
    return handle.get_linestyle(), handle.get_marker(), filled

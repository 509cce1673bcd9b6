"""Every plot draws itself from a study, or says in one line what it lacks."""

import numpy as np
import optuna
import pytest
from matplotlib import rc_context
from optuna.trial import TrialState, create_trial

from tuner import results
from tuner.definition import METRICS, StudyDefinition
from tuner.plots import PLOTS
from tuner.plots._drawing import STYLE, lay_out
from tuner.plots._panels import smooth
from tuner.plots._plot import NotEnoughDataError
from tuner.plots.curves import without_and_with
from tuner.plots.rendering import make
from tuner.plots.saving import save_plots

RATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


def trial(variant, value, rate=0.0, state=TrialState.COMPLETE, metric="accuracy", learned=()):
    curve = [value - 0.1, value - 0.05, value]
    names = ("train_loss", "val_loss", f"train_{metric}", f"val_{metric}")
    params = {"variant": variant, "rate": rate, "width": 64}
    rates = {f"rate_{place}": [rate, rate, last] for place, last in enumerate(learned)}
    return create_trial(
        state=state,
        value=value if state == TrialState.COMPLETE else None,
        intermediate_values=dict(enumerate(curve, start=1)),
        user_attrs={"params": params, "history": dict.fromkeys(names, curve) | rates},
    )


def read(*trials, metric="accuracy"):
    study = optuna.create_study(direction=METRICS[metric].direction)
    definition = StudyDefinition.parse({"metric": metric}, "test")
    study.set_user_attr("definition", definition.to_table())
    study.add_trials(trials)
    return results.read(study)


def a_study(metric="accuracy"):
    return read(
        trial("none", 0.80, metric=metric),
        *(trial("standard", 0.81 + r / 10, r, metric=metric) for r in RATES),
        trial("gaussian", 0.84, 0.3, metric=metric),
        trial("concrete", 0.83, 0.1, metric=metric, learned=(0.05, 0.4)),
        trial("concrete", 0.82, 0.2, metric=metric, learned=(0.15, 0.3)),
        trial("alpha", 0.2, 0.7, TrialState.PRUNED, metric),
        trial("alpha", 0.2, 0.7, TrialState.FAIL, metric),
        create_trial(state=TrialState.WAITING),
        metric=metric,
    )


@pytest.mark.parametrize("metric", ["accuracy", "rmse"])
@pytest.mark.parametrize("name", PLOTS)
def test_plot_draws_the_study(name, metric):
    figure = make(name, a_study(metric)).draw()
    assert any(axes.has_data() for axes in figure.axes)
    assert figure.legends


@pytest.mark.parametrize("name", PLOTS)
def test_labelled_axes_say_what_they_show(name):
    figure = make(name, a_study()).draw()
    assert any(axes.get_xlabel() for axes in figure.axes)
    labels = [figure.get_supylabel(), *(axes.get_ylabel() for axes in figure.axes)]
    assert any(labels) or name == "variants"


def test_every_plot_is_written_as_png_and_svg(tmp_path):
    files, left_out = save_plots(a_study(), tmp_path / "plots")
    assert left_out == []
    assert {path.name for path in files} == {
        f"{n}.{s}" for n in PLOTS for s in ("png", "svg", "csv")
    }
    starts = {".png": b"\x89PNG\r\n", ".svg": b"<?xml "}
    pictures = [path for path in files if path.suffix != ".csv"]
    assert all(path.read_bytes()[:6] == starts[path.suffix] for path in pictures)


def test_drawing_a_study_again_gives_the_same_svg(tmp_path):
    once, again = (save_plots(a_study(), tmp_path / name, ("svg",))[0] for name in "ab")
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]


@pytest.mark.parametrize(
    "trials",
    [
        [],
        [trial("none", 0.8)],
        [trial("standard", 0.8, 0.5)],
        [trial("standard", 0.8, 0.5, TrialState.PRUNED)],
        [trial("standard", 0.8, 0.5, TrialState.FAIL)],
        [create_trial(state=TrialState.WAITING)],
    ],
    ids=["no trial", "none", "standard", "pruned", "failed", "waiting"],
)
def test_plots_that_lack_trials_are_left_out_with_one_line(tmp_path, trials):
    files, left_out = save_plots(read(*trials), tmp_path, ("svg",))
    names = [line.partition(": ")[0] for line in left_out]
    drawn = [path.stem for path in files if path.suffix == ".svg"]
    assert sorted(names + drawn) == sorted(PLOTS)
    assert "metric_side_by_side" in names
    assert all(line.partition(": ")[2] and "\n" not in line for line in left_out)


def test_learned_rates_are_drawn_by_epoch_and_beside_the_searched_ones():
    figure = make("learned_rates", a_study()).draw()
    by_epoch, strips = figure.axes
    best = [line.get_ydata() for line in by_epoch.lines if "best" in line.get_label()]
    assert [list(rates) for rates in best] == [[0.1, 0.1, 0.05], [0.1, 0.1, 0.4]]
    assert len(by_epoch.lines) == 4
    names = [label.get_text() for label in strips.get_yticklabels()]
    rows = {name: [] for name in names}
    for line in strips.lines:
        rows[names[round(float(np.mean(line.get_ydata())))]].append(sorted(line.get_xdata()))
    assert sorted(rows["standard"]) == [[rate] for rate in RATES]
    assert sorted(rows["concrete"]) == [[0.05, 0.4], [0.1], [0.15, 0.3], [0.2]]


def test_without_a_learned_rate_there_is_no_such_plot():
    with pytest.raises(NotEnoughDataError, match="that learns its rates"):
        make("learned_rates", read(trial("none", 0.8), trial("standard", 0.9)))


def test_trial_of_one_epoch_is_drawn(tmp_path):
    short = trial("none", 0.8), trial("standard", 0.9, 0.5)
    for each in short:
        each.set_user_attr("history", {k: v[:1] for k, v in each.user_attrs["history"].items()})
    left_out = save_plots(read(*short), tmp_path, ("svg",))[1]
    assert [line.partition(":")[0] for line in left_out] == ["learned_rates"]


@pytest.mark.parametrize(
    ("state", "value"),
    [(TrialState.COMPLETE, np.inf), (TrialState.PRUNED, np.inf), (TrialState.PRUNED, np.nan)],
    ids=["infinite", "pruned at infinity", "pruned at NaN"],
)
def test_trial_that_diverged_spoils_no_plot(tmp_path, state, value):
    others = [trial("none", 0.8, metric="rmse"), trial("standard", 0.7, 0.2, metric="rmse")]
    diverged = trial("standard", value, 0.5, state, "rmse")
    left_out = save_plots(read(*others, diverged, metric="rmse"), tmp_path, ("svg",))[1]
    assert [line.partition(":")[0] for line in left_out] == ["learned_rates"]


@pytest.mark.parametrize(
    ("metric", "numbers"), [("accuracy", (1, 4)), ("rmse", (0, 2))], ids=["maximize", "minimize"]
)
def test_without_and_with_picks_the_best_of_each(metric, numbers):
    values = [("none", 0.5), ("none", 0.6), ("alpha", 0.2), ("standard", 0.7), ("standard", 0.9)]
    found = read(*(trial(*value, metric=metric) for value in values), metric=metric)
    assert tuple(row.number for row in without_and_with(found)) == numbers


@pytest.mark.parametrize("variant", ["none", "alpha"])
def test_without_and_with_needs_both(variant):
    with pytest.raises(NotEnoughDataError, match="without and one with dropout"):
        without_and_with(read(trial(variant, 0.5)))


def test_smooth_weighs_neighbours_by_the_kernel():
    # One kernel width apart: weights 1 and exp(-1/2), so 0.6065 / 1.6065 of the farther value.
    mean, error = smooth([0.0, 0.12], [0.0, 1.0], np.array([0.0]))
    np.testing.assert_allclose(mean, [0.37754], rtol=1e-4)
    np.testing.assert_allclose(error, [0.48477], rtol=1e-4)


def test_smooth_at_one_rate_is_the_mean_and_its_standard_error():
    mean, error = smooth([0.3] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], np.array([0.3, 0.5]))
    np.testing.assert_allclose(mean, 3.0)
    np.testing.assert_allclose(error, np.std([1, 2, 3, 4, 5], ddof=1) / np.sqrt(5))


def test_smooth_of_a_constant_is_the_constant_without_error():
    mean, error = smooth(RATES, [0.7] * len(RATES), np.linspace(0.0, 0.5, 20))
    np.testing.assert_allclose(mean, 0.7)
    np.testing.assert_allclose(error, 0.0, atol=1e-8)


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("metric", ["accuracy", "rmse"])
def test_no_text_is_cut_off(name, metric):
    with rc_context(STYLE):
        figure = make(name, a_study(metric)).draw()
        lay_out(figure)
        figure.draw_without_rendering()
    page = figure.bbox
    boxes = [text.get_window_extent() for text in texts_of(figure) if text.get_text()]
    assert boxes
    assert all(page.x0 <= b.x0 and b.x1 <= page.x1 and b.y0 >= page.y0 - 1 for b in boxes)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_no_panel_has_a_factor_where_its_title_is(scale):
    trials = trial("none", scale, metric="mse"), trial("standard", 2 * scale, 0.5, metric="mse")
    found = read(*trials, metric="mse")
    for name in ("value_by_rate", "loss_side_by_side", "history"):
        with rc_context(STYLE):
            figure = make(name, found).draw()
            lay_out(figure)
            figure.draw_without_rendering()
        assert {axes.yaxis.get_offset_text().get_text() for axes in figure.axes} == {""}


def texts_of(figure):
    for legend in figure.legends:
        yield from legend.get_texts()
    yield from figure.texts
    for axes in figure.axes:
        if axes.get_visible():
            yield from (axes.title, axes.xaxis.label, axes.yaxis.label)

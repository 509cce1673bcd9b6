"""The epochs that trials have spent, and those that pruning has saved."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from tuner.plots._drawing import legend_below, panels, title
from tuner.plots._words import counted
from tuner.plots.picture import BLUE, GREY, ORANGE
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results


def pruning(results: Results, _finals: Results | None = None) -> Plot:
    """Epochs of complete trials, of pruned ones, and saved, by variant."""
    full = results.definition.n_steps * results.definition.step_epochs
    trials = [trial for trial in results.trials if trial.is_finished]
    if all(trial.state == "COMPLETE" for trial in trials):
        raise NotEnoughDataError("no trial was pruned")
    rows: list[Row] = []
    for name in (row.variant for row in results.variants):
        own = [trial for trial in trials if trial.variant == name]
        pruned = [trial for trial in own if trial.state == "PRUNED"]
        rows.append(
            {
                "variant": name,
                "trials": len(own),
                "pruned": len(pruned),
                "epochs_complete": sum(t.n_epochs for t in own if t.state == "COMPLETE"),
                "epochs_pruned": sum(trial.n_epochs for trial in pruned),
                "epochs_saved": sum(max(0, full - trial.n_epochs) for trial in pruned),
            }
        )
    name = f"{results.definition.name}: epochs spent and saved by pruning"
    return Plot(name, _text(rows, full), rows, lambda: _draw(rows, name))


def _total(rows: Sequence[Row], column: str) -> int:
    return sum(row[column] for row in rows)


def _text(rows: Sequence[Row], full: int) -> str:
    spent = _total(rows, "epochs_complete") + _total(rows, "epochs_pruned")
    saved = _total(rows, "epochs_saved")
    return (
        f"{_total(rows, 'pruned')} of {counted(_total(rows, 'trials'), 'trial')} were pruned:"
        f" {spent} epochs were trained, {saved} saved ({saved / (spent + saved):.0%} of {full} for"
        " each trial)."
    )


def _draw(rows: Sequence[Row], text: str) -> Figure:
    heights = list(range(len(rows)))[::-1]
    figure, (axes,), _ = panels(1, 1, 0.35 + 0.17 * len(rows))
    left = [0] * len(rows)
    for column, color, hatch, label in (
        ("epochs_complete", BLUE, "", "complete"),
        ("epochs_pruned", ORANGE, "////", "pruned"),
        ("epochs_saved", "white", "....", "saved"),
    ):
        values = [row[column] for row in rows]
        axes.barh(
            heights,
            values,
            0.65,
            left,
            color=color,
            hatch=hatch,
            edgecolor="white" if color == ORANGE else GREY,
            linewidth=0.4,
            label=f"{label} ({sum(values)})",
        )
        left = [a + b for a, b in zip(left, values, strict=True)]
    names = [f"{row['variant']} (n={row['trials']}, {row['pruned']} pruned)" for row in rows]
    axes.set_yticks(heights, names)
    axes.set_xlabel("Epochs")
    title(figure, text)
    legend_below(figure)
    return figure

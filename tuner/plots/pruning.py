"""The epochs that trials have spent, and those that pruning has saved."""

from collections.abc import Sequence

from tuner.plots._words import counted
from tuner.plots.picture import (
    BLUE,
    GREY,
    Axis,
    Bars,
    Block,
    Fill,
    Mark,
    Panel,
    Picture,
    named,
)
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results

_FILLS: dict[str, Fill] = {
    "epochs_complete": "solid",
    "epochs_pruned": "striped",
    "epochs_saved": "none",
}


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
    return Plot(name, _text(rows, full), rows, _picture(rows, name))


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


def _picture(rows: Sequence[Row], title: str) -> Picture:
    marks: list[Mark] = []
    starts = [0] * len(rows)
    for column, fill in _FILLS.items():
        lengths = [row[column] for row in rows]
        label = f"{column.partition('_')[2]} ({sum(lengths)})"
        for is_none, color in ((False, BLUE), (True, GREY)):
            own = [place for place, row in enumerate(rows) if (row["variant"] == "none") == is_none]
            heights = [len(rows) - 1 - place for place in own]
            drawn, begun = ([values[place] for place in own] for values in (lengths, starts))
            marks.append(Bars("" if is_none else label, heights, drawn, begun, color, fill))
        starts = [a + b for a, b in zip(starts, lengths, strict=True)]
    names = [f"{row['variant']} (n={row['trials']}, {row['pruned']} pruned)" for row in rows]
    panel = Panel(marks, Axis("Epochs", (0.0, 1.05 * max(starts))))
    return Picture(title, [Block([panel], named(names), 0.35 + 0.15 * len(rows))])

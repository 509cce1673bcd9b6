"""What a study cost, and what each variant costs."""

from collections.abc import Iterator, Sequence

from tuner.comparison.answer import subject
from tuner.comparison.cost import epoch_ratio
from tuner.comparison.verdict import named
from tuner.plots._limits import all_of
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
    Points,
    Rule,
)
from tuner.plots.picture import named as named_axis
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.schema import Params
from tuner.study.curves.fitting import fit
from tuner.study.formatting import duration
from tuner.study.results import Results, TrialRow

_LOOKS: dict[tuple[str, bool], tuple[str, str, Fill]] = {
    ("seconds_complete", True): ("dropout, complete", BLUE, "solid"),
    ("seconds_pruned", True): ("dropout, pruned", BLUE, "striped"),
    ("seconds_complete", False): ("no dropout", GREY, "solid"),
    ("seconds_pruned", False): ("no dropout, pruned", GREY, "striped"),
}


def cost(results: Results, compared: Results | None = None) -> Plot:
    """Seconds of training by variant, and an epoch of it as many times as one without dropout.

    The trainings of a comparison are among them. Times are of one process; those of an epoch are
    medians at the width of the best network of the variant.
    """
    trials = [t for t in (*results.trials, *(compared.trials if compared else ())) if t.is_finished]
    if not any(trial.seconds for trial in trials):
        raise NotEnoughDataError("no finished trial has a time")
    bests = _bests(results, compared)
    groups: dict[str, list[TrialRow]] = {}
    for trial in trials:
        groups.setdefault(trial.variant, []).append(trial)
    none = groups.get("none", [])
    rows = sorted(
        (_row(name, own, none, bests.get(name)) for name, own in groups.items()),
        key=lambda row: (row["variant"] == "none", -row["seconds"]),
    )
    name = f"{results.definition.name}: what it cost"
    return Plot(name, _text(rows), rows, _picture(rows, name))


def _bests(results: Results, compared: Results | None) -> dict[str, Params]:
    """The network of each variant whose epochs are compared: that of the answer, and the best."""
    curves = fit(results)
    if curves is None:
        return {row.variant: row.best.params for row in results.variants if row.best is not None}
    at = subject(curves, named(compared))
    own = {} if at is None else {str(at["variant"]): at}
    return {**curves.best_of_each, **own}


def _row(
    variant: str, own: Sequence[TrialRow], none: Sequence[TrialRow], best: Params | None
) -> Row:
    seconds = {
        state: sum(trial.seconds or 0.0 for trial in own if trial.state == state)
        for state in ("COMPLETE", "PRUNED")
    }
    is_none = variant == "none"
    ratio = None if best is None or is_none else epoch_ratio([*own, *none], best)
    return {
        "variant": variant,
        "trainings": len(own),
        "pruned": sum(trial.state == "PRUNED" for trial in own),
        "epochs": sum(trial.n_epochs for trial in own),
        "seconds": sum(seconds.values()),
        "seconds_complete": seconds["COMPLETE"],
        "seconds_pruned": seconds["PRUNED"],
        "width": None if best is None else best.get("width"),
        "times_none": None if ratio is None else ratio.times,
    }


def _text(rows: Sequence[Row]) -> str:
    n, epochs, seconds = (sum(row[name] for row in rows) for name in _SUMMED)
    each = [
        f"{row['variant']} {row['times_none']:.2g}" for row in rows if row["times_none"] is not None
    ]
    said = f"{counted(n, 'training')}, {epochs:,} epochs, {duration(seconds)} of one process."
    times = f" An epoch as many times as one without dropout: {', '.join(each)}."
    return said + times * bool(each)


_SUMMED = ("trainings", "epochs", "seconds")


def _picture(rows: Sequence[Row], name: str) -> Picture:
    n, epochs, seconds = (sum(row[each] for row in rows) for each in _SUMMED)
    title = f"{name} ({n} trainings, {epochs:,} epochs, {duration(seconds)})"
    heights = {row["variant"]: y for y, row in enumerate(reversed(rows))}
    most = max(row["seconds"] for row in rows)
    panels = [Panel(list(_bars(rows, heights)), Axis("Seconds of training", (0.0, 1.05 * most)))]
    timed = [row for row in rows if row["times_none"] is not None]
    if timed:
        times = [row["times_none"] for row in timed]
        marks: list[Mark] = [
            Rule("", 1.0, upright=True),
            Points(
                "an epoch, median",
                times,
                [heights[row["variant"]] for row in timed],
                BLUE,
                "diamond",
                size=1.2,
                on_top=True,
            ),
        ]
        panels.append(Panel(marks, Axis("An epoch (none = 1)", all_of([*times, 0.0, 1.0]))))
    y = named_axis([f"{row['variant']} (n={row['trainings']})" for row in rows])
    return Picture(title, [Block(panels, y, 0.35 + 0.15 * len(rows), columns=2)])


def _bars(rows: Sequence[Row], heights: dict[str, int]) -> Iterator[Mark]:
    for (column, is_dropout), (label, color, fill) in _LOOKS.items():
        own = [r for r in rows if (r["variant"] != "none") == is_dropout and r[column] > 0]
        if own:
            starts = [r["seconds_complete"] if column == "seconds_pruned" else 0.0 for r in own]
            y = [heights[r["variant"]] for r in own]
            yield Bars(label, y, [r[column] for r in own], starts, color, fill)

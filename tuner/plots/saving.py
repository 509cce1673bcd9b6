"""The plots of a study as files: pictures, and the data drawn beside each."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tuner.plots import DEFAULT, rendering
from tuner.plots._sharing import share
from tuner.plots.csv_table import write_csv
from tuner.plots.plot import NotEnoughDataError
from tuner.plots.shapes import WIDE, Shape
from tuner.study.curves.fitting import fit
from tuner.study.results import Results

FORMATS = ("png", "svg")
Saved = tuple[list[Path], list[str]]


def save_plots(
    results: Results,
    folder: Path,
    formats: Sequence[str] = FORMATS,
    *,
    compared: Results | None = None,
    names: Sequence[str] = tuple(DEFAULT),
    shape: Shape = WIDE,
) -> Saved:
    """Write plots into `folder`, each with a .csv: the files, and a line for each left out."""
    return begin_plots(results, folder, formats, compared=compared, names=names, shape=shape)()


def begin_plots(
    results: Results,
    folder: Path,
    formats: Sequence[str] = FORMATS,
    *,
    compared: Results | None = None,
    names: Sequence[str] = tuple(DEFAULT),
    shape: Shape = WIDE,
) -> Callable[[], Saved]:
    """Begin `save_plots` on the other cores; the call returned does the rest and waits for all."""
    folder.mkdir(parents=True, exist_ok=True)
    fit(results)  # once, not in every process
    save = partial(_save, results, compared, folder, formats, shape)
    finish = share([partial(save, name) for name in names])

    def saved() -> Saved:
        plots = finish()
        return [path for files, _ in plots for path in files], [w for _, why in plots for w in why]

    return saved


def warm_up() -> None:
    """Do once, ahead of time, what makes the first plots of a process slower than the next."""
    rendering.warm_up(FORMATS)


def _save(
    results: Results,
    compared: Results | None,
    folder: Path,
    formats: Sequence[str],
    shape: Shape,
    name: str,
) -> Saved:
    try:
        plot = rendering.make(name, results, compared)
    except NotEnoughDataError as error:
        return [], [f"{name}: {error}"]
    paths = []
    for suffix, picture in rendering.render(plot, formats, shape).items():
        paths.append(folder / f"{name}.{suffix}")
        paths[-1].write_bytes(picture)
    table = folder / f"{name}.csv"
    write_csv(table, plot.rows)
    return [*paths, table], []

"""The plots of a study as files: pictures, and the data drawn beside each."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from tuner import importer
from tuner.plots import DEFAULT
from tuner.plots.csv_table import write_csv
from tuner.plots.helpers import Helpers, helping
from tuner.plots.making import in_order, make
from tuner.plots.plot import NotEnoughDataError
from tuner.plots.shapes import WIDE, Shape
from tuner.study.results import Results

FORMATS = ("png", "svg")
Saved = tuple[list[Path], list[str]]
Finish = Callable[[], Saved]

_RENDER, _WARM_UP = "tuner.plots.rendering:render", "tuner.plots.rendering:warm_up"
"""What loads Matplotlib, where it is drawn."""


def save_plots(
    results: Results,
    folder: Path,
    formats: Sequence[str] = FORMATS,
    *,
    compared: Results | None = None,
    names: Sequence[str] = tuple(DEFAULT),
    shape: Shape = WIDE,
    helpers: Helpers | None = None,
) -> Saved:
    """Write plots into `folder`, each with a .csv: the files, and a line for each left out."""
    with helping(len(names)) if helpers is None else nullcontext(helpers) as who:
        finish = begin_plots(
            results, folder, formats, helpers=who, compared=compared, names=names, shape=shape
        )
        return finish()


def begin_plots(
    results: Results,
    folder: Path,
    formats: Sequence[str] = FORMATS,
    *,
    helpers: Helpers,
    compared: Results | None = None,
    names: Sequence[str] = tuple(DEFAULT),
    shape: Shape = WIDE,
) -> Finish:
    """Begin `save_plots`; the call returned waits until they are drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    look = (formats, shape)
    begun = {
        name: _begun(results, compared, folder / name, look, helpers) for name in in_order(names)
    }

    def saved() -> Saved:
        plots = [begun[name]() for name in names]
        return [path for files, _ in plots for path in files], [w for _, why in plots for w in why]

    return saved


def warm_up() -> None:
    """Do once, ahead of time, what makes the first plots of a process slower than the next."""
    for reference in DEFAULT.values():
        importer.load(reference)
    importer.load(_WARM_UP)(FORMATS)


def _begun(
    results: Results,
    compared: Results | None,
    path: Path,
    look: tuple[Sequence[str], Shape],
    helpers: Helpers,
) -> Finish:
    try:
        plot = make(path.name, results, compared)
    except NotEnoughDataError as error:
        left_out = f"{path.name}: {error}"
        return lambda: ([], [left_out])
    finish = helpers.begin(_RENDER, replace(plot, rows=()), *look)
    table = path.with_suffix(".csv")
    write_csv(table, plot.rows)

    def saved() -> Saved:
        files = []
        for suffix, picture in finish().items():
            files.append(path.with_suffix(f".{suffix}"))
            files[-1].write_bytes(picture)
        return [*files, table], []

    return saved

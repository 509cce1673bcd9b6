"""Draw the plots of a study into files."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from tuner import importer
from tuner.plots import PLOTS
from tuner.plots._drawing import STYLE, NotEnoughDataError, lay_out
from tuner.plots._sharing import share
from tuner.results import Results

FORMATS = ("png", "svg")
_OPTIONS: dict[str, dict[str, Any]] = {
    ".png": {"pil_kwargs": {"compress_level": 3}},
    ".svg": {"metadata": {"Date": None}},
}
Saved = tuple[list[Path], list[str]]


def save_plots(results: Results, folder: Path, formats: Sequence[str] = FORMATS) -> Saved:
    """Draw every plot into `folder`: the files written, and a line for each plot left out."""
    return begin_plots(results, folder, formats)()


def begin_plots(
    results: Results, folder: Path, formats: Sequence[str] = FORMATS
) -> Callable[[], Saved]:
    """Begin `save_plots` on the other cores; the call returned does the rest and waits for all."""
    folder.mkdir(parents=True, exist_ok=True)
    finish = share([partial(_save, name, results, folder, formats) for name in PLOTS])

    def saved() -> Saved:
        plots = finish()
        return [path for files, _ in plots for path in files], [w for _, why in plots for w in why]

    return saved


def warm_up() -> None:
    """Load the plots, the fonts and what writes each format."""
    for reference in PLOTS.values():
        importer.load(reference)
    with rc_context(STYLE):
        figure = Figure(figsize=(1, 1))
        figure.subplots()
        for suffix in FORMATS:
            figure.savefig(BytesIO(), format=suffix)


def _save(name: str, results: Results, folder: Path, formats: Sequence[str]) -> Saved:
    paths = [folder / f"{name}.{suffix}" for suffix in formats]
    with rc_context(STYLE), _no_collection():
        try:
            figure = importer.load(PLOTS[name])(results)
        except NotEnoughDataError as error:
            return [], [f"{name}: {error}"]
        lay_out(figure)
        for path in paths:
            figure.savefig(path, **_OPTIONS.get(path.suffix, {}))
    return paths, []


@contextmanager
def _no_collection() -> Iterator[None]:
    """A figure is many small objects that live until it is saved: looking for garbage is vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

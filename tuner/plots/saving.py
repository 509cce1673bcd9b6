"""Draw the plots of a study into files."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context

from tuner import importer
from tuner.plots import PLOTS
from tuner.plots._drawing import STYLE, NotEnoughDataError
from tuner.results import Results

FORMATS = ("png", "svg")


def save_plots(
    results: Results, folder: Path, formats: Sequence[str] = FORMATS
) -> tuple[list[Path], list[str]]:
    """Draw every plot into `folder`: the files written, and a line for each plot left out."""
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    left_out: list[str] = []
    for name, reference in PLOTS.items():
        try:
            files += _save(reference, results, [folder / f"{name}.{suffix}" for suffix in formats])
        except NotEnoughDataError as error:
            left_out.append(f"{name}: {error}")
    return files, left_out


def _save(reference: str, results: Results, paths: list[Path]) -> list[Path]:
    with rc_context(STYLE):
        figure = importer.load(reference)(results)
        for path in paths:
            figure.savefig(path, dpi=160, metadata={"Date": None} if path.suffix == ".svg" else {})
    return paths

"""A study of the store as an object: what it has found, as data frames, pictures and sentences."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tuner.api import comparing, frames, progress, reporting, showing
from tuner.api.findings import Findings, findings_of
from tuner.api.processes import Processes
from tuner.api.quiet import quietly
from tuner.api.wording import errors_in_python, in_python
from tuner.comparison import answer, claims, verdict
from tuner.comparison.companion import comparison_of
from tuner.errors import TunerError, UsageError, unknown
from tuner.export.files import epochs_frame
from tuner.plots import PLOTS, rendering
from tuner.plots.making import make
from tuner.plots.plot import NotEnoughDataError, Plot
from tuner.silence import silenced
from tuner.storage.connect import open_storage
from tuner.storage.optuna_objects import WorkerStudy
from tuner.study.folder import folder_of
from tuner.study.reading import read
from tuner.study.results import Results
from tuner.study.studies import load_study

if TYPE_CHECKING:
    import keras
    import plotly.graph_objects
    from matplotlib.figure import Figure

    from tuner.workers.replay import Replay

_PICTURE = "value_by_rate"
"""What a notebook shows beside the answer."""


@contextlib.contextmanager
def _calm() -> Iterator[None]:
    with quietly(), errors_in_python():
        yield


def _png(plot: Plot) -> bytes:
    return rendering.render(plot, ("png",))["png"]


class Study:
    """A study of the store at `url`; everything is read from there when it is asked for.

    Raises UsageError where there is no such study.
    """

    def __init__(self, name: str, url: str) -> None:
        self.name, self.storage = name, url
        self._load()

    def _load(self) -> WorkerStudy:
        return load_study(self.name, open_storage(self.storage))

    @property
    def results(self) -> Results:
        """All that is known of it, as rows."""
        return read(self._load())

    @property
    def trials(self) -> pd.DataFrame:
        """A row a trial, a dozen columns; the value is under the name of the metric."""
        return self.to_frame()

    @property
    def epochs(self) -> pd.DataFrame:
        """A row an epoch of a trial: losses and values of training and validation part."""
        return epochs_frame(self.results)

    def to_frame(self, *, full: bool = False) -> pd.DataFrame:
        """The trials; `full` with every column of `tuner export`, as Optuna names them."""
        return (frames.whole if full else frames.tidy)(self.results)

    @property
    @_calm()
    def answer(self) -> answer.Answer | None:
        """What to use and how sure that is, safe rates, cost, next step; of a comparison None."""
        store = open_storage(self.storage)
        found = answer.answer_in(load_study(self.name, store), store)
        if found is None:
            return None
        return replace(found, **{name: in_python(text) for name, text in asdict(found).items()})

    @_calm()
    def compare(
        self,
        *,
        seeds: int | None = None,
        top: int | None = None,
        splits: int | None = None,
        budget: int | None = None,
        jobs: int | None = None,
        quiet: bool = False,
    ) -> Findings[Any]:
        """Train the best of each variant on fresh seeds, judge them on the test part: the verdict.

        As `tuner compare`, whose options these are; `found` is its ComparisonResult.
        """
        plan = comparing.Plan(self.name, self.storage, seeds, top, splits, budget)
        given = {"seeds": seeds, "top": top, "splits": splits, "budget": budget}
        said = ", ".join(f"{name}={value}" for name, value in given.items() if value is not None)
        command = f"tuner.open({self.name!r}).compare({said})"
        with progress.in_python(quiet=quiet) as listen:
            found, _ = comparing.compare(plan, Processes(jobs), listen, command)
        return findings_of(found, found.lines(), *found.table())

    @_calm()
    def claims(self, candidate: str | None = None) -> Findings[claims.Claims]:
        """What dropout is said to do, claim by claim, measured in the comparison of the study.

        Of the candidate that the verdict names, or another. Raises UsageError before `compare`.
        """
        store = open_storage(self.storage)
        found = claims.examine(verdict.judge(load_study(self.name, store), store), candidate)
        return findings_of(found, found.lines(), *found.table())

    @_calm()
    def replay(self, number: int) -> "Replay":
        """Train a trial again from its record, here; `is_same` says whether its value is."""
        with silenced():
            from tuner.workers.replay import replay  # noqa: PLC0415 (TensorFlow)

            return replay(self._load(), number)

    def plot(self, name: str = _PICTURE) -> "Figure":
        """A plot as a figure of Matplotlib; UsageError where there is none, or too little for it.

        `tuner plot --list` says what each shows.
        """
        plot = self._made(name)
        figure = rendering.draw(plot)
        # without pyplot nothing has told IPython how a figure is shown
        vars(figure)["_repr_png_"] = partial(_png, plot)
        return figure

    def explore(self, name: str = _PICTURE) -> "plotly.graph_objects.Figure":
        """The same as a figure of Plotly, whose values a notebook shows without a network.

        Raises UsageError as `plot`, and for rate_by_width, which is no such figure.
        """
        from tuner.api.exploring import explorable  # noqa: PLC0415 (half a second)

        try:
            return explorable(self._made(name))
        except TypeError as error:
            raise UsageError(str(error)) from None

    def _made(self, name: str) -> Plot:
        if name not in PLOTS:
            raise UsageError(unknown("plot", name, PLOTS))
        compared = comparison_of(self.name, open_storage(self.storage))
        try:
            return make(name, self.results, compared)
        except NotEnoughDataError as error:
            raise UsageError(f"{name}: {error}") from None

    @_calm()
    def report(self, path: str | Path | None = None) -> Path:
        """Write all of it as one HTML file, studies/NAME/report.html unless `path` is given."""
        out = None if path is None else Path(path)
        return reporting.write_report(self.name, open_storage(self.storage), out)

    @_calm()
    def best_model(self) -> "keras.Model":
        """The model of the best trial, trained again where its file is missing."""
        with silenced():
            from tuner.models.opening import load_model  # noqa: PLC0415 (TensorFlow)
            from tuner.workers.replay import ensure  # noqa: PLC0415

            files = ensure(self.results, folder_of(self.name))
            if not files:
                raise TunerError(f"best.keras of {self.name!r} could not be written")
            return load_model(files[0])

    @_calm()
    def code(self, trial: int | None = None) -> str:
        """Python for your own network: what the answer says to use, or a trial."""
        return reporting.code(self.name, open_storage(self.storage), trial)

    def __repr__(self) -> str:
        found = self.answer
        lines = [] if found is None else [f"{name}: {text}" for name, text in found.lines()]
        return "\n".join([f"Study {self.name!r}", *lines])

    @_calm()
    def _repr_html_(self) -> str:
        """The answer, the table of variants, a picture, and what to do next."""
        return showing.page(self.results, self.answer, self._picture())

    def _picture(self) -> tuple[str, bytes] | None:
        """A picture with its title; None where there are too few trials for it."""
        try:
            plot = make(_PICTURE, self.results)
        except NotEnoughDataError:
            return None
        return plot.title, _png(plot)

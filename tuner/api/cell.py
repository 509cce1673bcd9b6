"""What a cell of a notebook shows while a search runs: one line that is renewed."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from html import escape

from tuner.api.wording import in_python
from tuner.study.eta import Eta
from tuner.study.formatting import duration
from tuner.study.results import Results
from tuner.study.summary import number_or_dash, params_text
from tuner.study.trial_queue import Counts

_RARELY = 0.2
"""Seconds between two looks of a reader: epochs may be shorter."""


def is_here() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


@contextlib.contextmanager
def cells() -> Iterator[Callable[[str], "Cell"]]:
    """What gives each study, by its name, a line in the output of the running cell."""
    shown: list[Cell] = []

    def listen(name: str) -> Cell:
        shown.append(Cell(name))
        return shown[-1]

    try:
        yield listen
    except BaseException as error:
        for each in shown:
            each.stop(error)
        raise


class Cell:
    """How far a study is, with what was said of its data and model above; shown at once."""

    def __init__(self, name: str, now: Callable[[], float] = time.monotonic) -> None:
        from IPython.display import DisplayHandle  # noqa: PLC0415 (a kernel has it)

        self._name, self._now, self._pace = name, now, Eta(now)
        self._notices: list[str] = []
        self._line, self._known, self._running = "starting TensorFlow", "", ""
        self._began = self._shown = now()
        self._display = DisplayHandle()
        self._display.display(self)

    def begin(self, counts: Counts, budget: int, epochs: int) -> None:
        """Show how much is already done."""
        self._began = self._now()
        self._pace.begin(counts.finished, budget, epochs)
        is_done = counts.finished >= budget
        self._show(f"all {budget} trials were finished before" if is_done else self._counted())

    def epoch(self, number: int, epoch: int, _value: float) -> None:
        """Show which epoch is done, and the time left."""
        self._pace.epoch(number, epoch)
        self._running = f", trial {number} epoch {epoch}"
        if self._now() - self._shown > _RARELY:
            self._show(self._counted())

    def trial(self, results: Results, number: int, finished: int) -> None:
        """Show the best so far, and what was pruned or failed."""
        self._pace.trial(results, number, finished)
        counts, best = results.counts, results.best
        several = [(counts.pruned, "pruned"), (counts.failed, "failed")]
        parts = [f"{n} {what}" for n, what in several if n]
        if best is not None:
            named = params_text(best.params, without=results.fixed)
            parts.append(f"best {results.metric} {number_or_dash(best)}: {named}")
        self._known = "".join(f", {part}" for part in parts)
        self._show(self._counted())

    def notice(self, text: str) -> None:
        """Show it above the line."""
        self._notices.append(in_python(text))
        self._show(self._line)

    def spent(self, process: str, seconds: Mapping[str, float]) -> None:
        """Nothing that a cell shows."""

    def stop(self, error: BaseException) -> None:
        """Say what is kept of a search that was ended; nothing of one that never began."""
        pace = self._pace
        if not pace.budget:
            self._notices.clear()
            self._show("")
        elif isinstance(error, KeyboardInterrupt):
            done = f"interrupted after {pace.finished} of {pace.budget} trials"
            self._show(f"{done}: what is finished is kept, and the same call goes on")

    def _show(self, line: str) -> None:
        self._line, self._shown = line, self._now()
        self._display.update(self)

    def _counted(self) -> str:
        pace, passed = self._pace, duration(self._now() - self._began)
        if pace.finished >= pace.budget:
            return f"{pace.finished} trials in {passed}{self._known}"
        left = f"{duration(pace.seconds_left)} left"
        return f"{pace.finished} of {pace.budget} trials, {left}{self._known}{self._running}"

    def __repr__(self) -> str:
        line = f"{self._name}: {self._line}" if self._line else ""
        return "\n".join([*self._notices, line])

    def _repr_html_(self) -> str:
        if not self._line:
            return ""
        notes = "".join(f"<div>{escape(text)}</div>" for text in self._notices)
        bar = f'<progress max="{self._pace.budget or 1}" value="{self._pace.finished}"></progress>'
        line = f"<b>{escape(self._name)}</b> {bar} {escape(self._line)}"
        return f'<div style="opacity:.7;font-size:90%">{notes}</div><div>{line}</div>'

"""A study that runs: what is done of it and by whom, once or until it is over."""

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.text import Text

from tuner.cli.display import plain_table, say, stdout
from tuner.cli.told import Told, progress_line, told_of

if TYPE_CHECKING:
    from tuner.storage.running import Running
    from tuner.study.overview import Overview


def status(told: Told, workers: "Sequence[Running]") -> Group:
    """A study and who runs its trials: counts, workers, the time left, the best so far."""
    from tuner.study.formatting import duration

    counts = plain_table(("state", "trials"), told.document["trials"].items())
    table = plain_table(
        ("worker", "trial", "epoch", "last epoch"),
        (
            (
                each.lease.worker if each.lease else "?",
                each.number,
                each.epoch,
                f"{duration(each.idle)} ago" + (", gone" if each.is_stale else ""),
            )
            for each in workers
        ),
    )
    lines = (Text(line) for line in (told.progress, told.best) if line)
    return Group(counts, *([table] if workers else []), *lines)


def watch(look: "Callable[[], Overview]", seconds: float) -> None:
    """Show a study anew until it is over or Ctrl-C is pressed; on a pipe a line a change."""
    console, said = stdout(), ""
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        live = None
        if console.is_terminal:
            live = stack.enter_context(Live(console=console, auto_refresh=False))
        while True:
            found = look()
            if live is not None:
                live.update(status(told_of(found, None), found.workers), refresh=True)
            elif (line := progress_line(found)) != said:
                say(said := line)
            if found.is_over:
                return
            time.sleep(seconds)

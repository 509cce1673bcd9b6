"""tuner search --on: a study is submitted, workers of an engine run it, and this waits for them."""

import time
from typing import TYPE_CHECKING

import click

from tuner.cli import launch, placing
from tuner.errors import BudgetError, UsageError

if TYPE_CHECKING:
    from tuner.launch.engine import Launch
    from tuner.study.definition import StudyDefinition
    from tuner.study.overview import Overview

_LOOK = 1.0
_ASK = 10.0
"""Seconds between two questions to the engine, which is not ours alone."""


def carry_out(
    definition: "StudyDefinition",
    placed: placing.Placing,
    url: str,
    *,
    add: int | None,
    bundled: bool,
    heartbeat: float,
    quiet: bool,
    verbose: bool,
) -> int:
    """Have an engine run a study until it has its trials, and give their number.

    Workers of an earlier call that are still there go on. Raises BudgetError where all have ended
    before the trials were there.
    """
    from tuner.cli.submit import queue
    from tuner.launch import engines, kept
    from tuner.study.folder import folder_of

    engine, name = engines.engine(str(placed.on)), definition.name
    if getattr(engine, "brings_store", False):
        raise UsageError(f"{placed.on} has a store of its own: 'tuner launch' starts workers there")
    submission = queue(definition, url, add=add, bundled=bundled, verbose=verbose)
    budget = submission.fill()
    if submission.before.finished >= budget:
        return budget
    launched = _there(name, str(placed.on)) or launch.start(
        name, placed, url, launch.flags(heartbeat, unpacks=bundled)
    )
    try:
        _follow(submission.study.study_name, url, launched, quiet=quiet)
    except KeyboardInterrupt:
        click.echo(f"its workers go on: 'tuner launch {name} --stop' ends them", err=True)
        raise
    engine.stop(launched)
    kept.forget(folder_of(name), [launched])
    return budget


def _there(study: str, engine: str) -> "Launch | None":
    """Workers for the study that the engine has already."""
    from tuner.launch import kept
    from tuner.study.folder import folder_of

    for each in kept.launches(folder_of(study)):
        if each.engine == engine and _is_alive(each):
            return each
    return None


def _is_alive(launched: "Launch") -> bool:
    return any(each.condition in ("running", "waiting") for each in launch.states(launched))


def _follow(study: str, url: str, launched: "Launch", *, quiet: bool) -> None:
    """Say how far it is until it is over."""
    from tuner.cli.told import progress_line
    from tuner.storage.connect import open_storage, patience
    from tuner.study.overview import overview
    from tuner.study.studies import load_study

    followed = load_study(study, open_storage(url, patience=patience()))
    said, asked = "", time.monotonic()
    while True:
        found = overview(followed)
        line = progress_line(found)
        if not quiet and line != said:
            click.echo(line, err=True)
            said = line
        if found.results.counts.finished >= found.budget:
            return
        if time.monotonic() - asked > _ASK:
            if not _is_alive(launched):
                _refuse_unfinished(overview(followed), launched)
            asked = time.monotonic()
        time.sleep(_LOOK)


def _refuse_unfinished(found: "Overview", launched: "Launch") -> None:
    counts = found.results.counts
    if counts.finished < found.budget:
        raise BudgetError(
            f"{counts.finished} of {found.budget} trials finished, and all {launched.n} workers on"
            f" {launched.engine} have ended: the same command starts others; their logs say why"
        )

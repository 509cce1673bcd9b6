"""Results -> what the notes of a study and of its trials say, in Markdown."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

from tuner.comparison.answer import Answer
from tuner.comparison.result import ComparisonResult
from tuner.study import formatting, summary
from tuner.study.results import Results, TrialRow

MARK = "## What tuner found so far"
TRIAL_MARK = "## What tuner recorded"
"""The headings of our part of a note; what stands above it is its reader's, and is kept."""

_MOST_FAILED = 20
_WORDS = ("", "best params")
"""Columns of a table that are not numbers."""


def study_note(
    results: Results, result: ComparisonResult | None, answer: Answer | None = None
) -> str:
    """The answer or the best so far, the table it comes from, and how to repeat it."""
    return "\n\n".join(
        [
            MARK,
            *(_best(results) if answer is None else _answer(answer)),
            *(_verdict(result) if result else map(_plain, summary.remarks(results))),
            _table(*summary.variants_table(results)),
            summary.LEGEND,
            *filter(None, [summary.too_few(results)]),
            *_how(results),
        ]
    )


def contest_note(study: str, result: ComparisonResult | None) -> str:
    """The verdict of a comparison, and how to repeat it."""
    said = _verdict(result) if result else ["No trial is complete yet."]
    again = f"Bring it up to date, or extend it with --seeds: `tuner compare {shlex.quote(study)}`"
    return "\n\n".join([MARK, *said, again])


def failure(reason: str) -> str:
    """Why there is nothing to say."""
    return f"{MARK}\n\n{_plain(reason)}"


def trial_notes(results: Results) -> dict[int, str]:
    """Notes of the best trial of each variant and of the first that failed, by number."""
    leaders = [row.best for row in results.variants if row.best is not None]
    failed = [trial for trial in results.trials if trial.state == "FAIL"][:_MOST_FAILED]
    return {trial.number: trial_note(results, trial) for trial in leaders + failed}


def trial_note(results: Results, trial: TrialRow) -> str:
    """What a trial was, what came out, and how to repeat it."""
    study = shlex.quote(results.definition.name)
    rows: Sequence[tuple[str, object]] = (
        (f"validation {results.metric}", formatting.number(trial.value)),
        ("gap", formatting.signed(trial.gap)),
        ("params", summary.params_text(trial.params) or "-"),
        ("learned rates", " ".join(f"{rate:.3g}" for rate in trial.learned_rates)),
        ("epochs", trial.n_epochs),
        ("seed", trial.seed),
        ("worker", trial.worker),
        ("failed", trial.error),
    )
    table = _table(("", ""), [row for row in rows if row[1] not in (None, "")])
    again = "" if trial.error else f"\n\nRun it again: `tuner replay {study} {trial.number}`"
    return f"{TRIAL_MARK}\n\n{table}{again}"


def merged(before: str, ours: str) -> str:
    """A note with our part renewed, below what somebody else has written."""
    heading = ours.splitlines()[0]
    theirs = before.partition(heading)[0].rstrip()
    return f"{theirs}\n\n{ours}" if theirs else ours


def _answer(answer: Answer) -> Iterator[str]:
    for name, text in answer.lines():
        yield f"**{name}:** {_plain(text)}"


def _verdict(result: ComparisonResult) -> Iterator[str]:
    sentence, *rest = result.lines()
    yield f"**{_plain(sentence)}**"
    yield from map(_plain, rest)
    yield _table(*result.table())
    if result.splits:
        yield _table(*result.over_splits())


def _best(results: Results) -> Iterator[str]:
    yield f"**{_plain(summary.best_line(results))}**"
    name = shlex.quote(results.definition.name)
    yield f"How sure that is, only fresh seeds tell: `tuner compare {name}`"


def _how(results: Results) -> Iterator[str]:
    name = shlex.quote(results.definition.name)
    yield f"{results.counts.finished} of {results.budget} trials finished."
    yield (
        f"Repeat it: `tuner export {name}` writes `studies/{name}/study.toml`; then"
        f" `tuner search studies/{name}/study.toml --name {name}-again`"
    )


def _table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown; wide spaces keep columns apart that a page would set close together."""
    sides = [":---", *(":---" if title in _WORDS else "---:" for title in titles[1:])]
    cells = [["\u2003" + _plain(str(cell)) for cell in row] for row in (titles, *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (cells[0], sides, *cells[1:]))


def _plain(text: str) -> str:
    """Text that Markdown takes literally."""
    flat = " ".join(text.split())
    return "".join(f"\\{each}" if each in "\\`*_[]<>|~$#" else each for each in flat)

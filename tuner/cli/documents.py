"""What --json prints of a study and of its trials."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuner.comparison.answer import Answer
    from tuner.study.results import Results, TrialRow, VariantRow


def document(
    results: "Results", storage: str, files: Iterable[Path], answer: "Answer | None" = None
) -> dict[str, Any]:
    """What --json prints."""
    best = results.best
    return {
        "study": results.definition.name,
        "storage": storage,
        "metric": results.metric,
        "direction": results.direction,
        "trials": vars(results.counts),
        "best": None
        if best is None
        else {"number": best.number, "value": best.value, "params": dict(best.params)},
        "variants": [_variant(row) for row in results.variants],
        "files": [str(path) for path in files],
        **({} if answer is None else {"answer": asdict(answer)}),
    }


def trial_document(row: "TrialRow") -> dict[str, Any]:
    """A trial as JSON."""
    return {
        "number": row.number,
        "state": row.state,
        "value": row.value,
        "last_value": row.last_value,
        "params": dict(row.params),
        "train_value": row.train_value,
        "gap": row.gap,
        "epochs": row.n_epochs,
        "seconds": row.seconds,
        "seed": row.seed,
        "role": row.role,
        "error": row.error,
        **row.measured,
    }


def _variant(row: "VariantRow") -> dict[str, Any]:
    best = row.best
    return {
        "variant": row.variant,
        "n": row.n,
        "best": None if best is None else best.value,
        "params": None if best is None else dict(best.params),
    }

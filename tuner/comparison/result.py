"""The verdict of a comparison: numbers, sentence, tables, files."""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tuner.comparison.numbers import as_json, differences, gained, shown
from tuner.comparison.statistics.caveats import note, too_small
from tuner.comparison.statistics.decision import Decision
from tuner.comparison.statistics.estimates import Estimate
from tuner.comparison.statistics.pairwise import Comparison, Standing
from tuner.comparison.statistics.sentence import sentence
from tuner.comparison.statistics.splits import OverSplits
from tuner.study.attrs import Opening
from tuner.study.formatting import number
from tuner.study.results import Results, TrialRow

_LEGEND = (
    "Effect: against the same network without dropout. Gain: against the best network without it."
    " Above 0 is better."
)
_MEASURES = ("nll", "ece", "auroc", "passes_nll", "passes_ece", "passes_auroc")


@dataclass(frozen=True)
class ComparisonResult:
    """What a comparison found; `results` are those of its study, `trials` by candidate and seed.

    `splits` has the same candidates on all splits of the rows, where there are several.
    """

    study: str
    results: Results
    trials: Mapping[str, Mapping[int, TrialRow]]
    comparison: Comparison
    decision: Decision
    openings: Sequence[Opening]
    n_validation: int | None = None
    splits: Sequence[OverSplits] = ()

    @cached_property
    def measures(self) -> Mapping[str, Mapping[str, float]]:
        """By candidate, the means over seeds of what else was measured."""
        return {name: _measures(list(rows.values())) for name, rows in self.trials.items()}

    @property
    def sentence(self) -> str:
        """The verdict."""
        return sentence(self.comparison, self.decision)

    def lines(self) -> Iterator[str]:
        """What is said below the table."""
        yield self.sentence
        yield note(self.comparison, self.decision)
        yield _LEGEND
        race = self.comparison.scores.race
        if race is not None and race.qualifying:
            yield (
                f"All had {race.qualifying} seeds; the best with dropout on these went on, and is"
                " judged on those that followed. What has no interval has left the race."
            )
        yield from self._warnings()
        times = len(self.openings)
        yield f"Test set opened {times} {'time' if times == 1 else 'times'}."

    def _warnings(self) -> Iterator[str]:
        if self.n_validation is not None:
            yield from too_small(self.comparison, self.decision, self.n_validation)
        if self.splits:
            yield (
                f"Of the {len(self.splits[0].means)} splits, the search has seen test rows of all"
                " but the first; they share rows, for which the intervals are widened."
            )

    def over_splits(self) -> tuple[list[str], list[list[str]]]:
        """Titles and rows of the means on each split, and what they say together."""
        metric, n_splits = self.comparison.scores.metric, len(self.splits[0].means)
        sign = self.comparison.scores.sign
        numbers = [f"split {number}" for number in range(1, n_splits + 1)]
        of = max(1, len(self.comparison.scores.dropouts))
        rows = [
            [
                row.name,
                *(
                    "-" if mean is None else shown(Estimate(mean, None, 1), metric)
                    for mean in row.means
                ),
                gained(row.gain, metric, sign, of),
                f"{row.n_best} of {n_splits}",
            ]
            for row in self.splits
        ]
        return ["candidate", *numbers, "gain", "may be best"], rows

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Titles and rows, the best first; a star where a candidate may be the best."""
        metric, of = self.comparison.scores.metric, self.comparison.n_judged
        sign = self.comparison.scores.sign
        unit = " %" if metric == "accuracy" else ""
        titles = [
            "candidate",
            "n",
            f"test {metric}{unit}",
            "effect",
            "gain",
            "Holm p",
            "vs best",
        ]
        may_be_best = {row.candidate.name for row in self.comparison.undistinguished}
        rows = [
            [
                row.candidate.name + ("*" if row.candidate.name in may_be_best else ""),
                str(row.n),
                shown(row.mean, metric, self.comparison.n_picked),
                gained(row.effect, metric, sign, of, is_sure=row.is_effect_shown),
                gained(row.gain, metric, sign, of, is_sure=row.is_gain_shown),
                "-" if row.p_gain is None else f"{row.p_gain:.2g}",
                gained(row.to_best, metric, sign, self.comparison.n_rivals),
            ]
            for row in self.comparison.rows
        ]
        return titles, rows

    def more(self) -> tuple[list[str], list[list[str]]]:
        """Titles and rows of what else was measured."""
        found = {name for measures in self.measures.values() for name in measures}
        names = [name for name in ("gap", *_MEASURES) if name in found]
        rows = [
            [
                row.candidate.name,
                *(number(self.measures[row.candidate.name].get(name)) for name in names),
            ]
            for row in self.comparison.rows
        ]
        return ["mean over seeds", *(name.replace("_", " ") for name in names)], rows

    def document(self, files: Sequence[str] = ()) -> dict[str, Any]:
        """All of it as JSON."""
        scores = self.comparison.scores
        return {
            "study": self.study,
            "metric": scores.metric,
            "direction": scores.direction,
            "n_test": scores.n_test,
            "race": None if scores.race is None else asdict(scores.race),
            "case": str(self.decision.case),
            "sentence": self.sentence,
            "note": note(self.comparison, self.decision),
            "warnings": list(self._warnings()),
            "candidates": [self._candidate(row) for row in self.comparison.rows],
            "may_be_best": [row.candidate.name for row in self.comparison.undistinguished],
            "splits": [
                {**asdict(row), "gain": as_json(row.gain, len(self.comparison.scores.dropouts))}
                for row in self.splits
            ],
            "openings": [dict(opening) for opening in self.openings],
            "files": list(files),
        }

    def _candidate(self, row: Standing) -> dict[str, Any]:
        of = self.comparison.n_judged
        return {
            "name": row.candidate.name,
            "params": dict(row.candidate.params),
            "is_dropout": row.candidate.is_dropout,
            "twin": row.candidate.twin,
            "mean": as_json(row.mean, self.comparison.n_picked),
            "effect": as_json(row.effect, of, is_sure=row.is_effect_shown),
            "p_effect": row.p_effect,
            "gain": as_json(row.gain, of, is_sure=row.is_gain_shown),
            "over": None if row.gain is None else row.gain.over,
            "p_gain": row.p_gain,
            "differences": {} if row.gain is None else differences(row.gain, of),
            "to_best": as_json(row.to_best, self.comparison.n_rivals),
            "p_best": row.p_best,
            "sampling_error": row.sampling_error,
            "measures": dict(self.measures[row.candidate.name]),
            "scores": {
                str(seed): trial.value for seed, trial in self.trials[row.candidate.name].items()
            },
        }


def write(found: ComparisonResult, folder: Path) -> list[Path]:
    """Write the verdict as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "verdict.json"
    path.write_text(json.dumps(found.document(), indent=2) + "\n", encoding="utf-8")
    return [path]


def _measures(rows: Sequence[TrialRow]) -> dict[str, float]:
    """Means over seeds, of those that every trial has."""
    found = [{**row.measured, **({} if row.gap is None else {"gap": row.gap})} for row in rows]
    names = [name for name in ("gap", *_MEASURES) if found and all(name in each for each in found)]
    return {name: statistics.fmean(each[name] for each in found) for name in names}

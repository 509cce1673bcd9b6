"""The page: what was found, filled into the template."""

import base64
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from optuna.storages import BaseStorage

from tuner.comparison import claims as claiming
from tuner.comparison.answer import Answer, answer_of
from tuner.comparison.claims import Claims
from tuner.comparison.result import ComparisonResult
from tuner.comparison.verdict import judge_if_compared
from tuner.export import provenance
from tuner.export.report import assets, origins, tables
from tuner.export.report.differences import differences
from tuner.export.report.pictures import Picture, draw
from tuner.plots import DEFAULT
from tuner.plots.helpers import Helpers, helping
from tuner.study import attrs, summary
from tuner.study.reading import read
from tuner.study.results import Results


@dataclass(frozen=True)
class Live:
    """What a page that follows its study has more: its state, and where else one can look.

    `tag` changes with the study; `links` are names and addresses.
    """

    tag: str
    state: str
    links: Sequence[tuple[str, str]]


def of_study(
    study: optuna.Study,
    store: BaseStorage,
    live: Live | None = None,
    helpers: Helpers | None = None,
) -> str:
    """The page of a study as it is now, with the verdict of its comparison where there is one."""
    results, judged = read(study), judge_if_compared(study, store)
    compared = None if judged is None else judged.results
    with helping(len(DEFAULT)) if helpers is None else nullcontext(helpers) as who:
        drawn = draw(results, compared, tuple(DEFAULT), who)
        answer = answer_of(results, store, judged)
        claims = claiming.examine_if_compared(judged)
        return render(results, *drawn, judged, claims, answer, live)


def render(
    results: Results,
    pictures: Sequence[Picture] = (),
    left_out: Sequence[str] = (),
    result: ComparisonResult | None = None,
    claims: Claims | None = None,
    answer: Answer | None = None,
    live: Live | None = None,
) -> str:
    """The page as text."""
    expected = next((each.rows for each in pictures if each.name == "answer"), ())
    return template("page.html").render(
        live=live,
        pictures=pictures,
        left_out=left_out,
        differences=differences(results, result, expected),
        leaders=tables.leaders(results),
        **_answer(results, answer, result),
        **_origin(results, result, claims),
        **assets.of(pictures),
    )


def template(name: str) -> Template:
    """A template of this folder: what is filled in is text, and a name that is missing an error."""
    environment = Environment(
        loader=PackageLoader("tuner.export", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _answer(
    results: Results, answer: Answer | None, result: ComparisonResult | None
) -> dict[str, Any]:
    """What is said first: the answer, its other lines, and how far to trust the numbers."""
    first = summary.best_line(results) if result is None else result.sentence
    (_, said), *others = [("", first)] if answer is None else answer.lines()
    remarks = summary.remarks(results) if result is None else [*result.lines()][1:]
    return {
        "name": results.definition.name,
        "answer": said,
        "lines": others,
        "remarks": remarks,
        "facts": _facts(results),
    }


def _facts(results: Results) -> list[tuple[str, str]]:
    definition, counts = results.definition, results.counts
    states = {name: n for name, n in vars(counts).items() if n}
    moments = [row.completed for row in results.trials if row.completed is not None]
    return [
        ("Data", definition.data),
        ("Model", definition.model),
        ("Metric", tables.metric(results)),
        ("Trials", ", ".join(f"{n} {name}" for name, n in states.items()) or "none"),
        ("Last trial", f"{max(moments):%Y-%m-%d %H:%M}" if moments else "none"),
    ]


def _origin(
    results: Results, result: ComparisonResult | None, claims: Claims | None
) -> dict[str, Any]:
    name = results.definition.name
    environment = provenance.environment(results, Path(f"{name}.toml"))
    again = [] if result is None else [f"tuner compare {name}-again{_extent(result)}"]
    text = provenance.study_file(results)
    return {
        "study_file": text,
        "download": "data:application/toml;base64," + base64.b64encode(text.encode()).decode(),
        "commands": [environment["repeat"], *again],
        "appendix": [
            *tables.appendix(results, result, claims),
            origins.provenance(results, result, environment),
        ],
    }


def _extent(result: ComparisonResult) -> str:
    splits = f" --splits {len(result.splits[0].means)}" if result.splits else ""
    return f" --seeds {len(attrs.SEEDS.of(result.results.attrs))}{splits}"

"""The page: what was found, filled into the template."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from tuner.comparison.answer import Answer
from tuner.comparison.claims import Claims
from tuner.comparison.result import ComparisonResult
from tuner.errors import UsageError
from tuner.export import provenance
from tuner.export.report import assets, tables
from tuner.export.report.differences import differences
from tuner.export.report.pictures import Picture, draw
from tuner.study import attrs, summary
from tuner.study.results import Results


def write(
    results: Results,
    path: Path,
    result: ComparisonResult | None = None,
    claims: Claims | None = None,
    answer: Answer | None = None,
) -> None:
    """Write the report of a study to `path`; UsageError where that cannot be written.

    `result` is the verdict of its comparison, and `claims` is what that says dropout does.
    """
    compared = None if result is None else result.results
    page = render(results, *draw(results, compared), result, claims, answer)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def render(
    results: Results,
    pictures: Sequence[Picture] = (),
    left_out: Sequence[str] = (),
    result: ComparisonResult | None = None,
    claims: Claims | None = None,
    answer: Answer | None = None,
) -> str:
    """The page as text."""
    expected = next((each.rows for each in pictures if each.name == "answer"), ())
    return _template().render(
        pictures=pictures,
        left_out=left_out,
        differences=differences(results, result, expected),
        leaders=tables.leaders(results),
        **_answer(results, answer, result),
        **_origin(results, result, claims),
        **assets.of(pictures),
    )


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("tuner.export", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


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
            tables.Section(
                "provenance", "Provenance", [tables.provenance(results, result, environment)]
            ),
        ],
    }


def _extent(result: ComparisonResult) -> str:
    splits = f" --splits {len(result.splits[0].means)}" if result.splits else ""
    return f" --seeds {len(attrs.SEEDS.of(result.results.attrs))}{splits}"

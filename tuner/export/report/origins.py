"""Where the numbers of a report come from: seeds, versions, data and machine."""

from collections.abc import Iterator, Mapping
from typing import Any

from tuner.comparison.result import ComparisonResult
from tuner.export.report.tables import Section, Table
from tuner.study import attrs
from tuner.study.results import Results


def provenance(
    results: Results, result: ComparisonResult | None, environment: Mapping[str, Any]
) -> Section:
    """Seeds, versions, data and machine."""
    rows = [[name, text] for name, text in _origins(results, result, environment) if text]
    title, titles = "Where these numbers come from", ["what", "value"]
    table = Table(title, "", titles, rows, frozenset({0, 1}), long=1)
    return Section("provenance", "Provenance", [table])


def _origins(
    results: Results, result: ComparisonResult | None, environment: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    yield "seed of the search", f"{results.definition.search.seed} (with its number, of each trial)"
    if result is not None:
        seeds = attrs.SEEDS.of(result.results.attrs)
        yield "seeds of the comparison", ", ".join(map(str, seeds))
        yield "test set opened", ", ".join(each["when"] for each in result.openings)
    yield "made with", _pairs(environment["created_with"] or {})
    yield "reported with", _pairs(environment["exported_with"])
    yield "data", results.definition.data
    yield "fingerprint of the data", str(environment["data_fingerprint"] or "")
    yield "rows", _rows(environment, result)
    for note in environment["notes"]:
        yield "said of data and model", note
    for name in ("classes", "features"):
        yield name, ", ".join(map(str, environment[name] or ()))
    yield "platform", environment["platform"]
    yield "CPU", "{name}, {cores} cores".format_map(environment["cpu"])
    yield "git revision", environment["git_revision"] or ""


def _pairs(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _rows(environment: Mapping[str, Any], result: ComparisonResult | None) -> str:
    counts = {name: environment[f"n_{name}"] for name in ("train", "validation")}
    if result is not None:
        counts["test"] = result.comparison.scores.n_test
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)

"""What dropout does to each network, as a table: compared, or expected."""

import math
from collections.abc import Sequence

from tuner.comparison.result import ComparisonResult
from tuner.export.report.tables import Section, Table, variants
from tuner.plots.plot import Row
from tuner.study.curves.fitting import fit
from tuner.study.results import Results

_INTERVALS = "In brackets 95 % intervals"


def differences(
    results: Results, result: ComparisonResult | None, expected: Sequence[Row]
) -> Section:
    """What dropout does to each network: as compared, or as expected by the model of all trials.

    `expected` are the rows of the plot `answer` of a search, if it has one.
    """
    if result is not None:
        tables = [_compared(result)]
    else:
        tables = [_expected(results, expected)] if expected else [variants(results)]
    return Section("differences", "Against the same network without dropout", tables)


def _compared(result: ComparisonResult) -> Table:
    """The candidates with their intervals."""
    metric = result.comparison.scores.metric
    unit = "points" if metric == "accuracy" else f"units of {metric}"
    return Table(
        "Candidates on fresh seeds, on test rows",
        f"n: seeds. {_INTERVALS} that hold for all candidates; what has none has left the race."
        f" Effect: what dropout does to the same network; gain: over the best network without it;"
        f" vs best: to the first row; all in {unit}, above 0 is better. Holm p: of the gain,"
        " corrected for the number of candidates. *: may be the best.",
        *result.table(),
    )


def _expected(results: Results, expected: Sequence[Row]) -> Table:
    """The best network of each variant, as the model of all trials expects it."""
    is_accuracy = results.metric == "accuracy"
    unit = "points" if is_accuracy else f"units of {results.metric}"
    counts = {row.variant: row for row in results.variants}
    curves = fit(results)
    probable = {} if curves is None else curves.p_variants
    titles = ["variant", "rate", "width", "trials", "pruned", f"expected {results.metric}"]
    titles[-1] += " %" if is_accuracy else ""
    rows = [
        [
            row["variant"],
            f"{row['rate']:.2g}" if row["is_dropout"] else "-",
            "-" if row["width"] is None else str(row["width"]),
            str(counts[row["variant"]].n),
            str(counts[row["variant"]].n - counts[row["variant"]].n_complete),
            _with_ends(row, "value", "", is_accuracy),
            _with_ends(row, "effect", "+", is_accuracy),
            _with_ends(row, "gain", "+", is_accuracy),
            f"{100 * probable[row['variant']]:.0f}" if row["variant"] in probable else "-",
        ]
        for row in expected
    ]
    few = [name for name in counts if name not in {row["variant"] for row in expected}]
    left_out = f" With fewer than two complete trials, not listed: {', '.join(few)}." if few else ""
    return Table(
        "Expected of the best network of each variant, on validation rows",
        f"By the model of all trials. {_INTERVALS}. Effect: what dropout does to the same network;"
        f" gain: over the best network without it; in {unit}, above 0 is better. Likely: the"
        f" probability in % that it is better than the best network without dropout.{left_out}",
        [*titles, "effect", "gain", "likely"],
        rows,
    )


def _with_ends(row: Row, name: str, sign: str, is_accuracy: bool) -> str:
    of = "" if name == "value" else f"_{name}"
    found = [row[name], row[f"low{of}"], row[f"high{of}"]]
    if found[0] is None:
        return "-"
    factor, digits = (100, 2) if is_accuracy else (1, _digits(found[2] - found[1]))
    value, *ends = (f"{factor * each:{sign}.{digits}f}" for each in found)
    return f"{value} [{', '.join(ends)}]"


def _digits(width: float) -> int:
    """The decimals that say two digits of half an interval."""
    return min(8, max(0, 1 - math.floor(math.log10(width / 2)))) if width > 0 else 4

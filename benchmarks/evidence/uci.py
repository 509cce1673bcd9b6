"""Concrete and yacht with the published splits: errors, and densities with a tuned precision."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean

import numpy as np
from evidence import written
from evidence.case import NONE, Case, Params, Place, Training, dropout, label
from evidence.setting import Measure, Setting, known, setting, word
from evidence.training import LEVELS, PRECISIONS, share_name

TEXT = """\
The published 20 splits of the tables concrete and yacht: a layer of 50 units, 400 epochs of Adam,
batches of 32. RMSE and log likelihood are of the mean of 100 noisy passes (of the network itself
for *none*); the rate of *standard* and the precision of each are chosen on a fifth of the rows,
then all train it again. *standard* and *concrete* have dropout before the layer and behind it,
*variational* behind it. Published: Gal & Ghahramani 2016, table 1, of Monte Carlo dropout, whose
stored code for yacht has batches of 32 too and a rate of 0.01, and chose its precision on rows that
other splits test on. The authors' code of 2018, which chooses within each split as here, but has
batches of 128, noted an RMSE of 5.64 ± 0.10 on concrete, and 5.02 ± 0.14 with ten times the epochs
(github.com/yaringal/DropoutUncertaintyExps, `log_10_xepochs_1_hidden_layers.txt`, `log_100_...`).
`python examples/uncertainty_of_a_table.py people.csv` measures any other table so.
"""
TITLE = "Regression and its uncertainty"
TABLES = ("concrete", "yacht")
N_SPLITS = 20
RATES = (0.005, 0.01, 0.05, 0.1)
TRIED: Sequence[Params] = (
    NONE,
    *(dropout("standard", rate) for rate in RATES),
    dropout("concrete", 0.1),
)
ON_WEIGHTS: Sequence[Params] = (dropout("variational", 0.1),)
"""They have no layer before the dropout at the input."""
CHOSEN = ", all rows"


def cases(place: Place, seed: int, found: Sequence[Training]) -> Iterator[Case]:
    """Seed k is split k: candidates on four fifths of its rows, then each chosen one on all."""
    for table in TABLES:
        tests = np.load(place.data / "uci" / f"{table}-splits.npz")
        file = place.work / f"{table}-{seed}.txt"
        np.savetxt(file, tests[f"test_{seed % N_SPLITS}"], fmt="%d")
        study = {
            "data": str(place.data / "uci" / f"{table}.csv"),
            "metric": "rmse",
            "space": {"width": 50},
            "training": {"epochs": 400, "batch_size": 32, "test_rows": str(file)},
        }
        for name, candidates in (("both", TRIED), ("behind", ON_WEIGHTS)):
            case = f"{table}, {name}"
            whole = {**study, "model": f"evidence.networks:uci_{name}"}
            yield Case(case, seed, _with(whole, validation_split=0.2), candidates)
            tried = [each for each in found if (each.case, each.seed) == (case, seed)]
            chosen = [best(tried, each) for each in dict.fromkeys(map(_variant, candidates))]
            yield Case(case + CHOSEN, seed, _with(whole, validation_split=0.02), chosen)


def _with(study: Mapping[str, object], **training: object) -> dict[str, object]:
    return {**study, "training": {**study["training"], **training}}  # type: ignore[dict-item]


def _variant(params: Params) -> str:
    return str(params["variant"])


def best(tried: Sequence[Training], variant: str) -> Params:
    """The params of a variant with the best density on the validation rows."""
    own = [each for each in tried if each.variant == variant and each.measured]
    return min(own, key=lambda each: each.measured[f"validation_nll_{precision(each):g}"]).params


def precision(training: Training) -> float:
    """The precision of the best density on the validation rows."""
    return min(PRECISIONS, key=lambda tau: training.measured[f"validation_nll_{tau:g}"])


def tuned(found: Sequence[Training]) -> Iterator[tuple[Training, float]]:
    """Trainings on all rows, each with the precision that was chosen on four fifths."""
    tried = {each.key: each for each in found if not each.case.endswith(CHOSEN)}
    for each in found:
        if each.case.endswith(CHOSEN) and each.measured:
            table = each.case.removesuffix(CHOSEN)
            yield each, precision(tried[each.part, table, each.seed, label(each.params)])


def shares(found: Sequence[Training]) -> dict[tuple[str, str], list[float]]:
    """By table and kind, the mean over splits of the share within each central interval."""
    own: dict[tuple[str, str], list[list[float]]] = {}
    for each, tau in tuned(found):
        names = [share_name(level, tau) for level in LEVELS]
        if names[0] in each.measured:
            key = each.case.partition(",")[0], each.variant
            own.setdefault(key, []).append([each.measured[name] for name in names])
    return {key: [fmean(at) for at in zip(*splits, strict=True)] for key, splits in own.items()}


PUBLISHED = {
    ("concrete", "RMSE"): (5.23, 0.12),
    ("concrete", "log likelihood"): (-3.04, 0.02),
    ("yacht", "RMSE"): (1.11, 0.09),
    ("yacht", "log likelihood"): (-1.55, 0.03),
}
"""Gal & Ghahramani 2016, table 1, of Monte Carlo dropout, with standard errors."""

_RMSE = Measure("test_passes", "validation_passes", is_error=True)
_QUANTITIES: Mapping[str, Callable[[Training, float], float]] = {
    "RMSE": lambda each, _: each.measured["test_passes"],
    "log likelihood": lambda each, tau: -each.measured[f"test_nll_{tau:g}"],
}


def settings(found: Sequence[Training]) -> list[Setting]:
    """Both tables, standard dropout on four fifths of the rows; gains in percent of the RMSE."""
    return known([setting(found, each, f"{each}, both", measure=_RMSE) for each in TABLES])


def show(found: Sequence[Training]) -> str:
    """What is said, then a line for each table, quantity and kind of dropout."""
    rows = []
    for quantity in _QUANTITIES:
        for (table, kind), own in values(found, quantity).items():
            none = values(found, quantity).get((table, "none"), {})
            far = missed(found, table, quantity) if kind == "standard" else None
            theirs = "{} ± {}".format(*PUBLISHED[table, quantity]) if kind == "standard" else ""
            gained = "-" if kind == "none" else written.shown(written.minus(own, none), 1, 2)
            rows.append(
                (
                    table,
                    quantity,
                    kind,
                    median_rate(found, table) if kind == "standard" else "-",
                    written.mean(own.values()),
                    gained,
                    theirs,
                    "" if far is None else f"{far:+.1f}",
                    len(own),
                )
            )
    header = (
        "table",
        "quantity",
        "dropout",
        "median rate",
        "here",
        "less that of none",
        "published",
        "standard errors above it",
        "splits",
    )
    return f"{said(found)}\n\n{written.table(header, rows)}"


def values(found: Sequence[Training], quantity: str) -> dict[tuple[str, str], dict[int, float]]:
    """What came of each table and kind, by split."""
    kinds = [*dict.fromkeys(map(_variant, (*TRIED, *ON_WEIGHTS)))]
    groups: dict[tuple[str, str], dict[int, float]] = {}
    for each, tau in sorted(tuned(found), key=lambda pair: kinds.index(pair[0].variant)):
        key = each.case.partition(",")[0], each.variant
        groups.setdefault(key, {})[each.seed] = _QUANTITIES[quantity](each, tau)
    return groups


def median_rate(found: Sequence[Training], table: str) -> str:
    """Of the rates that the splits chose."""
    case = f"{table}, both{CHOSEN}"
    rates = sorted(e.rate for e in found if (e.case, e.variant) == (case, "standard"))
    return f"{rates[len(rates) // 2]:g}"


def missed(found: Sequence[Training], table: str, quantity: str) -> float | None:
    """Standard errors of both together by which ours is above the published figure."""
    own = values(found, quantity).get((table, "standard"))
    return written.away([*own.values()], *PUBLISHED[table, quantity]) if own else None


def said(found: Sequence[Training]) -> str:
    """Whether the published figures are met, and whether dropout is better than none."""
    texts = []
    for table, quantity in PUBLISHED:
        far = missed(found, table, quantity)
        if far is None or np.isnan(far):
            continue
        is_worse = far > 0 if quantity == "RMSE" else far < 0
        met = "within two" if abs(far) <= 2 else "missed" if is_worse else "better"
        side = "worse" if is_worse else "better"
        texts.append(f"{table}, {quantity}: {abs(far):.1f} standard errors {side} ({met})")
    found_texts = f"Beside Gal & Ghahramani 2016: {'; '.join(texts)}." if texts else ""
    return " ".join(filter(None, (found_texts, _against_none(found), _within(found))))


def _within(found: Sequence[Training]) -> str:
    """How many targets are within intervals, of all kinds together."""
    own = shares(found)
    texts = []
    for at in (LEVELS.index(0.5), LEVELS.index(0.9)):
        for table in TABLES:
            held = [100 * each[at] for (name, _), each in own.items() if name == table]
            if held:
                ends = f"{min(held):.0f} to {max(held):.0f} %"
                texts.append(f"those of {100 * LEVELS[at]:.0f} % hold {ends} on {table}")
    return f"Of the central intervals {', '.join(texts)}." if texts else ""


def _against_none(found: Sequence[Training]) -> str:
    texts = []
    for quantity, sign in (("RMSE", -1), ("log likelihood", 1)):
        own = values(found, quantity)
        for (table, kind), by_split in own.items():
            none = own.get((table, "none"), {})
            gains = [sign * each for each in written.minus(by_split, none)]
            if kind != "none" and gains and (what := word(gains)) != "not told":
                side = "better" if what == "helps" else "worse"
                texts.append(f"{kind} on {table} has {side} {quantity}")
    told = f"Beside none, as their intervals show: {'; '.join(texts)}." if texts else ""
    return told or "No kind of dropout is told from none by its interval."

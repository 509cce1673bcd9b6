"""Concrete and yacht with the published splits: errors, and densities with a tuned precision."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from evidence import written
from evidence.case import NONE, Case, Params, Place, Training, dropout, label
from evidence.training import PRECISIONS

TEXT = """\
The published 20 splits of the tables concrete and yacht: a layer of 50 units, 400 epochs of Adam,
batches of 32. RMSE and log likelihood are of the mean of 100 noisy passes (of the network itself
for *none*); the rate of *standard* and the precision of each are chosen on a fifth of the rows,
then all train it again. *standard* and *concrete* have dropout before the layer and behind it,
*variational* behind it. Published: Gal & Ghahramani 2016, table 1, of Monte Carlo dropout.
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


PUBLISHED = {
    "concrete": ("5.23 ± 0.12", "-3.04 ± 0.02"),
    "yacht": ("1.11 ± 0.09", "-1.55 ± 0.03"),
}
"""Gal & Ghahramani 2016, table 1: RMSE and log likelihood of Monte Carlo dropout."""


def show(found: Sequence[Training]) -> str:
    """A line for each table and kind of dropout; Monte Carlo is the mean of 100 passes."""
    groups: dict[tuple[str, str], list[tuple[Training, float]]] = {}
    for each, tau in tuned(found):
        groups.setdefault((each.case.partition(",")[0], each.variant), []).append((each, tau))
    rows = []
    for (table, variant), own in groups.items():
        squared = [each.measured["test_passes"] for each, _ in own]
        density = [-each.measured[f"test_nll_{tau:g}"] for each, tau in own]
        theirs = PUBLISHED[table] if variant == "standard" else ("", "")
        rates = sorted(each.rate for each, _ in own)
        rows.append(
            (
                table,
                variant,
                f"{rates[len(rates) // 2]:g}" if variant == "standard" else "-",
                written.mean(squared),
                theirs[0],
                written.mean(density),
                theirs[1],
                len(own),
            )
        )
    header = (
        "table",
        "dropout",
        "median rate",
        "RMSE",
        "published",
        "log likelihood",
        "published",
        "splits",
    )
    return written.table(header, rows)

"""What was decided of rows and targets, and why, in words."""

from collections.abc import Iterator
from typing import Any

from tuner.data import kinds
from tuner.data.dataset import TrainValidation
from tuner.data.forming import Standardize
from tuner.data.settings import SplitSettings
from tuner.data.tables import Table

_HOW = {True: "standardized", False: "as they are", "pixels": "divided by 255"}
_WHY = {
    True: "the model does not scale them itself",
    "pixels": "they are images of bytes",
}
_WEIGHTS = {
    False: "rows weigh as sample_weight says, to a mean of 1 in each part, in loss and metric",
    True: "rows weigh as sample_weight says in the loss of the compile and its weighted_metrics",
}
_NAMES = "a column of 0 and 1 for each"


def decided(
    data: TrainValidation,
    x: Any,
    standardize: Standardize,
    reason: str | None,
    of_targets: bool | None,
    split: SplitSettings,
    *,
    is_compiled: bool = False,
) -> Iterator[str]:
    """A line for each kind of column, and one for all rows and targets.

    `x` are the rows that the model takes, before they were standardized; `reason` is why they stay
    as they are; `of_targets` says whether targets are standardized, where they are numbers.
    """
    how = _HOW[standardize]
    if data.train.weight is not None:
        yield _WEIGHTS[is_compiled]
    of_names = _NAMES + (f", {how}" if standardize else "") if _is_matrix(data, x) else how
    yield from kinds.said(data.kinds, {kinds.NAMES: of_names, "text": "as it is"}, how)
    why = "as the study says" if split.standardize is not None else _WHY.get(standardize, reason)
    rows = "rows stay as they are" if standardize is False else f"rows are {how}"
    line = f"{rows}{', ' if split.standardize is not None else ': '}{why}"
    if of_targets is None:
        yield line
        return
    targets = "are standardized" if of_targets else "stay as they are"
    asked = ", as the study says" if split.standardize_targets is not None else ""
    yield f"{line}; targets {targets}{asked}"


def _is_matrix(data: TrainValidation, x: Any) -> bool:
    """Whether the model takes the matrix of a table."""
    return bool(data.features) and (isinstance(x, Table) or hasattr(x, "shape"))

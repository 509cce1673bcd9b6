"""The options that define a study, for the commands that make one."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import reduce
from typing import TYPE_CHECKING, Any

import click

from tuner.cli import completing, reading
from tuner.cli.options import gathered, option, positive
from tuner.data import DATASETS
from tuner.models import MODELS

if TYPE_CHECKING:
    from tuner.study.definition import StudyDefinition

_OPTIONS = (
    option("--trials", "-n", "--n-trials", type=positive, help="Finished trials in the study."),
    option(
        "--data",
        shell_complete=completing.names(DATASETS, files=True),
        help="digits, mnist, ...; a file (.npz, .csv, .parquet, ...); or module:function.",
    ),
    option("--target", metavar="COLUMN", help="The column to predict (default: the last one)."),
    option(
        "--task",
        type=click.Choice(["classification", "regression", "multilabel"]),
        help="Default: by target.",
    ),
    option(
        "--split",
        type=click.Choice(["random", "ordered"]),
        help="ordered: validation and test part are the last rows (default: random).",
    ),
    option(
        "--split-seed",
        type=click.IntRange(0, 2**32 - 1),
        help="Draws the rows of the parts (default study: 0, whatever the --seed).",
    ),
    option("--order-by", metavar="COLUMN", help="Ordered, by this column."),
    option("--group", metavar="COLUMN", help="Keep rows with the same value here together."),
    option("--split-column", metavar="COLUMN", help="It says train, validation or test."),
    option(
        "--test-rows",
        type=click.Path(exists=True, dir_okay=False),
        help="A file with the numbers of the rows to test on, from 0: text, or .npy.",
    ),
    option(
        "--standardize/--no-standardize",
        default=None,
        help="Rows to mean 0 and deviation 1, or as they are (default: by data and model).",
    ),
    option(
        "--model",
        shell_complete=completing.names(MODELS, files=True),
        help="mlp, cnn, text; a .keras file; or module:function.",
    ),
    option(
        "--metric",
        help="accuracy, nll, auc, auc_pr, f1, precision, recall, top_5, iou; rmse, mae, mse, nll,"
        " r2, mape, msle, cosine_similarity; loss; those of Keras, of a compile; module:function.",
    ),
    option(
        "--variant",
        multiple=True,
        shell_complete=completing.variants,
        help="Search this variant only (repeatable).",
    ),
    option("--rate", nargs=2, type=float, metavar="LOW HIGH", help="Range of the rate."),
    option("--per-site-rate", is_flag=True, default=None, help="A rate for each dropout site."),
    option(
        "--width",
        multiple=True,
        type=positive,
        help="A layer width to choose (repeatable).",
    ),
    option("--epochs", type=positive, help="Epochs of a trial that is not pruned."),
    option("--sampler", help="curves, tpe, random, grid, qmc, gp, nsgaii."),
    option("--pruner", help="curves, successive_halving, hyperband, median, patient, none."),
    option(
        "--folds",
        type=positive,
        help="Judge each trial on K folds of the rows (default: 1).",
    ),
    option("--seed", type=click.IntRange(0, 2**32 - 1), help="All randomness of the study."),
    option("--name", help="Name of the study in the store (default: that of the file)."),
)


@dataclass(frozen=True)
class Flags:
    """What the command line says of a study; None, or nothing, where it does not."""

    trials: int | None
    data: str | None
    target: str | None
    task: str | None
    split: str | None
    split_seed: int | None
    order_by: str | None
    group: str | None
    split_column: str | None
    test_rows: str | None
    standardize: bool | None
    model: str | None
    metric: str | None
    variant: tuple[str, ...]
    rate: tuple[float, float] | None
    per_site_rate: bool | None
    width: tuple[int, ...]
    epochs: int | None
    sampler: str | None
    pruner: str | None
    seed: int | None
    folds: int | None
    name: str | None
    reading: reading.TableFlags

    def table(self) -> dict[str, Any]:
        """What was given, by the dotted keys of a study file."""
        from tuner.study.keywords import KEYS

        names = [field.name for field in fields(self) if field.name not in ("rate", "reading")]
        given = {KEYS[name]: getattr(self, name) for name in names}
        table = {key: value for key, value in given.items() if value not in (None, ())}
        if self.order_by is not None:
            table.setdefault("training.split", "ordered")
        if self.rate is not None:
            low, high = self.rate
            table["space.rate"] = low if low == high else {"low": low, "high": high}
        return table | self.reading.table()


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that define a study."""
    whole = gathered(reading=reading.TableFlags)(command)
    return reduce(lambda made, add: add(made), reversed((*_OPTIONS, *reading.OPTIONS)), whole)


def definition(study: str | None, flags: Flags, storage: str) -> "StudyDefinition":
    """The definition of a study file, or of the store, under the flags that were given."""
    from tuner.study import study_file

    table = flags.table()
    found = study_file.read(study, table)
    if found is not None:
        return found
    from tuner.api.defining import definition_of  # what knows stores takes long to load

    return definition_of(study, table, storage)

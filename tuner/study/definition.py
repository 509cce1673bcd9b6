"""StudyDefinition: what a study file says, checked and frozen."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError, field_validator

from tuner import DEFAULT_STUDY
from tuner.data.settings import DataSettings, SplitSettings, TableSettings
from tuner.data.spec import Task
from tuner.errors import UsageError, unknown
from tuner.models import DEFAULT_AXES, MODELS, OF_COLUMNS, OF_IMAGES
from tuner.schema import MOST, Table, explain
from tuner.study.space_definition import SpaceDefinition
from tuner.training.naming import DEFAULT_METRIC, METRICS, Direction, direction_of, known_direction
from tuner.training.settings import TrainingSettings

__all__ = ["DEFAULT_METRIC", "METRICS", "StudyDefinition"]
STUDY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Training(SplitSettings, TrainingSettings):
    """The table [training]: what the training reads of it, and what the data do."""


class Search(Table):
    """How many trials, and who proposes and prunes them."""

    trials: int = Field(50, ge=1, le=MOST)
    sampler: str = "curves"
    pruner: str = "curves"
    seed: int = Field(0, ge=0, lt=2**32)
    folds: int = Field(1, ge=1, le=MOST)


class Compare(Table):
    """How the candidates are compared."""

    seeds: int = Field(16, ge=2, le=MOST)
    splits: int = Field(1, ge=1, le=MOST)
    after_search: bool = False


class StudyDefinition(Table):
    """One study: data, model, search space, training and budget."""

    name: str = DEFAULT_STUDY
    data: str = DEFAULT_STUDY
    target: str | None = None
    task: Task | None = None
    table: TableSettings = TableSettings()
    model: str = "mlp"
    metric: str | None = None
    direction: Direction | None = None
    space: SpaceDefinition = SpaceDefinition()
    training: Training = Training()
    search: Search = Search()
    compare: Compare = Compare()

    @field_validator("name")
    @classmethod
    def _valid_name(cls, name: str) -> str:
        if not STUDY_NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} is no study name: letters, digits, '.', '_', '-' (at most 100)"
            )
        return name

    @classmethod
    def parse(cls, table: Mapping[str, Any], source: str) -> "StudyDefinition":
        """Check a table as a study file writes it; UsageError names `source` and the key."""
        try:
            found = cls.model_validate(dict(table))
        except ValidationError as error:
            raise UsageError(f"{source}: {_first_error(error)}") from None
        metric = found.metric
        if metric is not None and found.model in MODELS and not _is_known(metric):
            raise UsageError(f"{source}: metric: {unknown('metric', metric, METRICS)}")
        return found

    @property
    def better(self) -> Direction:
        """Which way the metric is better."""
        return known_direction(str(self.metric), self.direction)

    @property
    def data_settings(self) -> DataSettings:
        """What the data are opened with."""
        search = self.search
        return DataSettings(
            self.data,
            self.target,
            self.task,
            self.training,
            self.table,
            search.seed if self.training.split_seed is None else self.training.split_seed,
            search.folds,
            as_given=self.model not in MODELS or self.model in OF_COLUMNS,
            of_images=self.model in OF_IMAGES,
        )

    @property
    def n_steps(self) -> int:
        """How often a whole trial reports a value: after each epoch, or after each of its folds."""
        return self.training.epochs if self.search.folds == 1 else self.search.folds

    @property
    def step_epochs(self) -> int:
        """How many epochs lie between two reports."""
        return 1 if self.search.folds == 1 else self.training.epochs

    def without_folds(self) -> "StudyDefinition":
        """The same, a training for each trial, as in a comparison."""
        return self.model_copy(update={"search": self.search.model_copy(update={"folds": 1})})

    def to_table(self) -> dict[str, Any]:
        """The same definition as a study file writes it (JSON types only)."""
        table = self.model_dump(mode="json", exclude={"space"}, exclude_none=True)
        space = self.space.model_dump(mode="json", exclude_none=True)
        own = {key: space[key] for key in ("variant", "per_site_rate") if space.get(key)}
        return table | {"space": own | space["axes"] | space["hyperparameters"]}


SECTIONS: dict[str, type[Table]] = {
    "table": TableSettings,
    "training": Training,
    "search": Search,
    "compare": Compare,
}
"""The tables of a study file beside [space]."""


def _is_known(metric: str) -> bool:
    """Whether a built-in model can be judged by it: the metrics of others may be their own."""
    return metric in METRICS or ":" in metric or direction_of(metric) is not None


def _first_error(error: ValidationError) -> str:
    first = error.errors()[0]
    *parents, last = (str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        if not parents and last in ("variant", "rate", *DEFAULT_AXES):
            return f"unknown key {last!r}: it belongs in [space]"
        for name, section in SECTIONS.items():
            if last in section.model_fields and parents != [name]:
                key = ".".join([*parents, last])
                return f"unknown key {key!r}: it belongs in [{name}]"
    return explain(error, StudyDefinition)

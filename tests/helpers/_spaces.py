"""Studies of a small space, run to their end without any training."""

from dataclasses import dataclass

from tuner.study.definition import StudyDefinition
from tuner.study.search_space import SHARED_RATE, Branch, SearchSpace


@dataclass(frozen=True)
class Hyperparameter:
    axis: object
    when: tuple | None = None


DEFINITION = StudyDefinition.parse({"name": "mine", "metric": "accuracy"}, "test")

SPACE = SearchSpace(
    axes={"width": (64, 256, 512)},
    variants=("none", "gaussian", "standard", "scheduled"),
    branches={
        "none": Branch(None, {}),
        "standard": Branch(SHARED_RATE, {}),
        "gaussian": Branch(SHARED_RATE, {}),
        "scheduled": Branch(SHARED_RATE, {"shape": Hyperparameter(("late", "early"))}),
    },
)

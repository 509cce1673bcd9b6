"""Search spaces, and what is suggested of them."""

from dataclasses import dataclass, replace

from tuner.schema import Range
from tuner.study.search_space import SHARED_RATE, Branch, SearchSpace


@dataclass(frozen=True)
class Hyperparameter:
    axis: object
    when: tuple | None = None


OWN_RATE = Range(low=0.0, high=0.3)

SPACE = SearchSpace(
    axes={"width": (64, 256, 512), "depth": 2},
    variants=("none", "standard", "alpha", "scheduled"),
    branches={
        "none": Branch(None, {}),
        "standard": Branch(SHARED_RATE, {}),
        "alpha": Branch(OWN_RATE, {}),
        "scheduled": Branch(
            SHARED_RATE,
            {
                "shape": Hyperparameter(("constant", "late", "early")),
                "cutoff": Hyperparameter(
                    Range(low=0.1, high=0.5), when=("shape", ("late", "early"))
                ),
            },
        ),
    },
)


def with_axes(**axes):
    return replace(SPACE, axes=axes)

"""What is known of a network of the zoo before tuner sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """A network and its data, by the names of their functions in `module`.

    `sites` are its dropout places by kind, counted by hand; `chance` is what guessing is worth and
    `good` what the trained network has to reach, in the metric of the search. `table` is what else
    its study file says. The `quick` ones run with every `make test-all`, the rest with `make zoo`.
    Where noise that is not dropout stays, the network without dropout is not calm.
    """

    module: str
    model: str
    data: str
    sites: Mapping[str, int]
    chance: float
    good: float
    table: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 8
    quick: bool = False
    is_calm: bool = True

    @property
    def name(self) -> str:
        return f"{self.module}-{self.model}"

    def study(self) -> dict[str, Any]:
        """The study file of the case."""
        given = {name: value for name, value in self.table.items() if name != "training"}
        training = {"epochs": self.epochs, "batch_size": 32, **self.table.get("training", {})}
        return {
            "data": f"zoo.{self.module}:{self.data}",
            "model": f"zoo.{self.module}:{self.model}",
            "training": training,
            **given,
        }

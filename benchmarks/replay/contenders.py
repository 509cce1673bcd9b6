"""The searches that are compared."""

from collections.abc import Mapping
from dataclasses import dataclass

from replay import peers
from replay.method import Make
from replay.ours import TunerSearch


@dataclass(frozen=True)
class Contender:
    """How a search is made; a slow one has fewer replications.

    One that plans for its budget is run once for each.
    """

    make: Make
    is_slow: bool = False
    plans: bool = False


def _tuner(sampler: str, pruner: str) -> Make:
    return lambda world, seed, trials: TunerSearch(world, seed, sampler, pruner)


CONTENDERS: Mapping[str, Contender] = {
    "curves": Contender(_tuner("curves", "curves")),
    "curves, no pruning": Contender(_tuner("curves", "none")),
    "tpe": Contender(_tuner("tpe", "successive_halving")),
    "tpe, no pruning": Contender(_tuner("tpe", "none")),
    "random": Contender(peers.Random),
    "gp": Contender(peers.Gaussian, is_slow=True),
    "keras-tuner": Contender(peers.KerasTuner, is_slow=True),
    "smac": Contender(peers.Smac, is_slow=True, plans=True),
}

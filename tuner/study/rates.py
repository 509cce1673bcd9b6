"""The rates of a space: one for all places of a kind, or one for each place."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tuner.schema import KINDS, Axis, Range, Scalar, ends
from tuner.study import distributions

SHARED_RATE = Range(low=0.0, high=0.8)
INPUT_RATE = Range(low=0.0, high=0.3)
KIND_RATES: dict[str, Axis] = {
    "rate.embedding": Range(low=0.0, high=0.5),
    "rate.attention": Range(low=0.0, high=0.5),
    "rate.input": Range(low=0.0, high=0.5),
    "rate.recurrent": Range(low=0.0, high=0.5),
    "rate.path": Range(low=0.0, high=0.3),
}
"""What is searched at places that are not of hidden units, by the name of their rate."""

RATES = ("rate", "input_rate", *KIND_RATES)
"""The names of rates that a space may give."""


@dataclass(frozen=True)
class Places:
    """The dropout sites in order: whether each is at the input, and of which kind it is.

    With `one_by_one` each has a rate of its own. `given` are axes by the names of RATES.
    """

    at_input: tuple[bool, ...] = ()
    kinds: tuple[str, ...] = ()
    one_by_one: bool = False
    given: Mapping[str, Axis] = field(default_factory=dict)

    def names(self) -> list[str]:
        """The name among the params of the rate at each place, in order."""
        if self.one_by_one:
            return [f"rate.{place}" for place in range(len(self.at_input))]
        hidden = {
            at for at, kind in zip(self.at_input, self._kinds(), strict=True) if kind == "units"
        }
        apart = len(hidden) > 1
        return [
            f"rate.{kind}" if kind != "units" else "input_rate" if apart and is_input else "rate"
            for is_input, kind in zip(self.at_input, self._kinds(), strict=True)
        ]

    def _kinds(self) -> Sequence[str]:
        return self.kinds or ["units"] * len(self.at_input)

    def axes(self, rate: Axis) -> Iterator[tuple[str, Axis]]:
        """(Name, axis) of each rate of a variant, `rate` being the axis of its own."""
        found: dict[str, Axis] = {}
        for name, is_input, kind in zip(self.names(), self.at_input, self._kinds(), strict=True):
            if kind != "units":
                own = f"rate.{kind}"
                found.setdefault(name, self.given.get(own, KIND_RATES[own]))
            elif is_input and name != "rate":
                found.setdefault(name, self._input_axis(rate))
            else:
                found.setdefault(name, rate)
        yield from found.items()

    def _input_axis(self, rate: Axis) -> Axis:
        given = self.given.get("input_rate")
        if given is None:
            low = distributions.narrow(rate, INPUT_RATE)
        else:
            values = [float(value) for value in ends(rate)]
            low = distributions.narrow(given, Range(low=min(values), high=max(values)))
        return rate if low is None else low


def is_of_a_kind(name: str) -> bool:
    """Whether a rate is that of places of a kind: its range is its own."""
    return name.partition(".")[2] in KINDS


def with_mean_rate(params: dict[str, Scalar]) -> dict[str, Scalar]:
    """With rates for places or kinds alone, `rate` is their mean."""
    if "rate" in params:
        return params
    rates = [float(value) for name, value in params.items() if name.startswith("rate.")]
    return params | {"rate": math.fsum(rates) / len(rates)} if rates else params

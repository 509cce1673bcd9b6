"""A point of a table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """One combination; `rate` has six decimals, as it is stored."""

    variant: str
    rate: float
    width: int

    def with_seed(self, seed: int) -> tuple[str, float, int, int]:
        """The key of a training here."""
        return self.variant, self.rate, self.width, seed

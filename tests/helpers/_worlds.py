"""Worlds whose truth is known: value by variant, rate and width, and the noise of seeds."""

import numpy as np

from tuner.schema import Range

VARIANTS = ("none", "standard", "gaussian", "dropconnect", "mc")
WIDTHS = (64, 256, 512)
AXES = {"rate": Range(low=0.0, high=0.8)}
PEAK, NOISE = 0.4, 0.3


def params(variant, rate, width):
    return {"variant": variant, "rate": 0.0 if variant == "none" else rate, "width": width}


class World:
    """The widest network gains `height` from dropout at a rate of 0.4, with the variant `best`.

    The others gain two thirds of it, and narrow networks a third; with a height of 0 dropout does
    nothing at all. Width alone is worth `by_width` from the narrowest to the widest.
    """

    def __init__(self, seed, height=1.0, best="gaussian", by_width=0.5, noise=NOISE):
        self.generator = np.random.default_rng(seed)
        self.height, self.best, self.by_width, self.noise = height, best, by_width, noise

    def true(self, given):
        wide = WIDTHS.index(given["width"]) / 2
        share = 1.0 if given["variant"] == self.best else 2 / 3
        x = given["rate"] / PEAK
        gain = self.height * share * (1 + 2 * wide) / 3 * x * np.exp(1 - x)
        return self.by_width * wide + gain

    def value(self, given):
        return self.true(given) + self.noise * self.generator.standard_normal()

    def draw(self):
        variant, width = self.generator.choice(VARIANTS), int(self.generator.choice(WIDTHS))
        return params(str(variant), float(self.generator.uniform(0, 0.8)), width)

    def trials(self, n):
        """No dropout at each width, then random ones: params and values."""
        found = [params("none", 0.0, width) for width in WIDTHS]
        found += [self.draw() for _ in range(n - len(found))]
        return found, [self.value(each) for each in found]

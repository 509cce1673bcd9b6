"""Searches on tiny data, and a listener that remembers them."""

from tuner.study.study_file import override
from tuner.workers.leader import search
from tuner.workers.messages import SearchRequest

MODEL = """
import keras
class Boom(keras.layers.Layer):
    def __init__(self, units=0, **kwargs):
        super().__init__(**kwargs)
        self.units = units
    def call(self, x, training=False):
        if training and self.units >= 16:
            raise RuntimeError("out of luck")
        return x
    def get_config(self):
        return {**super().get_config(), "units": self.units}
def build(params, spec):
    layers = [keras.layers.Dense(4, "relu"), keras.layers.Dropout(0.5), Boom(params["width"])]
    ends = keras.layers.Dense(spec.n_outputs)
    return keras.Sequential([keras.Input(spec.input_shape), *layers, ends])
"""
FIVE = ["none", "standard", "gaussian", "alpha", "scheduled"]
FEW = {"space__variant": ["none", "standard", "gaussian"], "space__width": 8}
"""Each variant and width is compiled once in a search: few, where it matters not which."""


class Watch:
    """A listener that remembers, and may interrupt."""

    def __init__(self, interrupt_at=None):
        self.numbers, self.epochs, self.interrupt_at = [], [], interrupt_at
        self.finished, self.notices, self.seconds = [], [], {}

    def begin(self, counts, budget, epochs):
        self.before, self.budget, self.n_epochs = counts, budget, epochs

    def epoch(self, number, epoch, value):
        self.epochs.append((number, epoch))
        if (number, epoch) == self.interrupt_at:
            raise KeyboardInterrupt

    def trial(self, results, number, finished):
        self.numbers.append(number)
        self.finished.append(finished)

    def notice(self, text):
        self.notices.append(text)

    def spent(self, process, seconds):
        self.seconds[process] = seconds


def run(place, definition, *, watch=None, timeout=None, add=None, few=FEW, **flags):
    flags = {key.replace("__", "."): v for key, v in (few | flags).items()}
    definition = override(definition, flags)
    request = SearchRequest(definition, f"sqlite:///{place}/store.db", place / "out", timeout, add)
    watch = watch or Watch()
    return search(request, watch), watch

"""A hidden layer of ten units that is trained to be pruned (Gomez et al. 2019, table 1)."""

from dataclasses import dataclass
from statistics import fmean

import keras
from reproduction.images import Images
from reproduction.loop import Fit, accuracy, cross_entropy, train
from reproduction.outcome import Line, Options, Outcome, spread

from tuner.dropout.targeted import TargetedDropout

UNITS = 10
TARGET_FRACTION = 0.75
MORE = 0.9
DROP_PROB = 0.5
EPOCHS = 200
BATCH_SIZE = 128

REMARK = (
    "The paper has CIFAR-10. Of other data the accuracies cannot be compared, and the points asked"
    " are not theirs. The plain network is trained without the layer, so a miss of its drop"
    " tells of the data, not of the layer: on MNIST it loses little at 75 %, probably since ten"
    " units need few of the pixels. The last two lines ask the question where it does suffer: 90 %"
    " pruned, and target_fraction 0.9. The paper gives neither the batch size nor the scale of the"
    f" pixels; ours are {BATCH_SIZE} and 0 to 1. As there, the weights of the logits are not"
    " pruned."
)


@dataclass(frozen=True)
class Network:
    """The two layers of a trained network, bare: without the noise they were trained with."""

    hidden: keras.layers.Dense
    logits: keras.layers.Dense


@dataclass(frozen=True)
class Accuracies:
    """Test accuracies over the seeds, in percent: as trained, and without the small weights."""

    dense: list[float]
    pruned: list[float]

    @property
    def drops(self) -> list[float]:
        """What pruning costs, in points."""
        return [a - b for a, b in zip(self.dense, self.pruned, strict=True)]


def run(options: Options) -> Outcome:
    """Train without and with targeted dropout, and set most hidden weights to zero."""
    images = options.load(options.data)
    epochs, seeds = options.epochs_or(EPOCHS), options.seeds_or(3)
    plain, targeted, more = (
        [_trained(images, epochs, seed, fraction) for seed in seeds]
        for fraction in (0.0, TARGET_FRACTION, MORE)
    )
    none = _pruned(images, plain, TARGET_FRACTION)
    ours = _pruned(images, targeted, TARGET_FRACTION)
    lines = (
        Line("none: accuracy", "38.11 %", spread(none.dense, "%")),
        Line("none: 75 % pruned", "26.13 %", spread(none.pruned, "%")),
        _drop("none: drop", none, "11.98 points", "> 8", fmean(none.drops) > 8),
        Line("targeted: accuracy", "40.09 %", spread(ours.dense, "%")),
        Line("targeted: 75 % pruned", "40.14 %", spread(ours.pruned, "%")),
        _drop("targeted: drop", ours, "-0.05 points", "< 1", fmean(ours.drops) < 1),
        _drop("none: drop, 90 % pruned", _pruned(images, plain, MORE)),
        _drop("targeted: drop, 90 % pruned", _pruned(images, more, MORE)),
    )
    setting = (
        f"{images.name}, {UNITS} hidden units, {epochs} epochs of SGD 1e-3, batch {BATCH_SIZE},"
        f" target_fraction {TARGET_FRACTION}, drop_prob {DROP_PROB}"
    )
    return Outcome("Targeted dropout and pruning", setting, seeds, lines)


def _drop(
    quantity: str,
    measured: Accuracies,
    published: str = "",
    criterion: str = "",
    met: bool | None = None,
) -> Line:
    return Line(quantity, published, spread(measured.drops, "points"), criterion, met)


def _trained(images: Images, epochs: int, seed: int, target_fraction: float) -> Network:
    keras.utils.set_random_seed(seed)
    bare = Network(keras.layers.Dense(UNITS, "relu"), keras.layers.Dense(10))
    hidden = bare.hidden
    if target_fraction:
        hidden = TargetedDropout(hidden, target_fraction, DROP_PROB, seed=seed)
    model = keras.Sequential([keras.Input(images.shape), hidden, bare.logits])
    data = (images.x_train / 255, images.y_train)
    train(model, data, Fit(keras.optimizers.SGD(1e-3), cross_entropy, epochs, BATCH_SIZE, seed))
    return bare


def _pruned(images: Images, networks: list[Network], fraction: float) -> Accuracies:
    test = (images.x_test / 255, images.y_test)

    def of(network: Network, hidden: keras.layers.Layer) -> float:
        layers = [keras.Input(images.shape), hidden, network.logits]
        return accuracy(keras.Sequential(layers), *test)

    small = [TargetedDropout(n.hidden, fraction, DROP_PROB, inference="pruned") for n in networks]
    return Accuracies(
        [of(network, network.hidden) for network in networks],
        [of(network, hidden) for network, hidden in zip(networks, small, strict=True)],
    )

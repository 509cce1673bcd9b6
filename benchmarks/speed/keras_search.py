"""KerasTuner's search over the default space of tuner: python -m speed.keras_search TRIALS."""

import os
import sys
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_tuner
from speed.grid import VARIANTS, WIDTHS

from tuner.data.loading import open_dataset
from tuner.study.definition import StudyDefinition

L = keras.layers
LAYERS = dict(
    zip(
        VARIANTS,
        (lambda _: L.Identity(), L.Dropout, L.GaussianDropout, L.AlphaDropout),
        strict=True,
    )
)


def main(trials: int) -> None:
    """Search, with the data, the network and the epochs of the default study."""
    definition = StudyDefinition()
    train_validation = open_dataset(definition.data_settings).train_validation
    spec, training = train_validation.spec, definition.training

    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        variant = hp.Choice("variant", VARIANTS)
        width = hp.Choice("width", WIDTHS["mlp"])
        rate = hp.Float("rate", 0.0, 0.8)
        layers: list[Any] = [L.Flatten()]
        for _ in range(2):
            layers += [L.Dense(width, "relu"), LAYERS[variant](rate)]
        last = L.Dense(spec.n_outputs, "softmax")
        model = keras.Sequential([keras.Input(spec.input_shape), *layers, last])
        optimizer = keras.optimizers.Adam(training.learning_rate)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    tuner = keras_tuner.RandomSearch(
        build, objective="val_accuracy", max_trials=trials, directory="kt", seed=0
    )
    train, validation = train_validation.train, train_validation.validation
    tuner.search(
        train.x,
        train.y,
        validation_data=(validation.x, validation.y),
        epochs=training.epochs,
        batch_size=training.batch_size,
        verbose=0,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Networks whose owner trains them in a way of his own; series of numbers."""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from zoo.vision import SIZE, corners

L = keras.layers
N, STEPS = 360, 12
__all__ = ["corners"]


def series():
    """Waves of two lengths, [n, 12, 1], and which."""
    generator = np.random.default_rng(0)
    y = generator.integers(0, 2, N)
    phase = generator.uniform(0, 6.3, (N, 1))
    waves = np.sin(np.arange(STEPS) * np.where(y, 1.6, 0.6)[:, None] + phase)
    x = waves + generator.normal(0, 0.2, waves.shape)
    return x[..., None].astype("float32"), np.where(y, 1, -1)


def forecasts():
    """A wave, and its next value in units of its own."""
    x, _ = series()
    return x[:, :-1], 50 + 20 * x[:, -1, 0]


def films():
    """Four frames of a square that goes up or down."""
    generator = np.random.default_rng(0)
    y = generator.integers(0, 2, 240)
    x = generator.uniform(0, 0.2, (240, 4, 8, 8, 1)).astype("float32")
    for film, up in zip(x, y, strict=True):
        for step in range(4):
            row = step + 1 if up else 5 - step
            film[step, row : row + 2, 3:5] += 1
    return x, y.astype("int32")


def mixture():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(N, 5)).astype("float32")
    return x, (np.sin(2 * x[:, :1]) + x[:, 1:2]).astype("float32")


def timeseries_transformer():
    """Blocks of attention and convolution, two dropouts each; classes are -1 and 1 in the file."""
    inputs = keras.Input((STEPS, 1))
    x = inputs
    for _ in range(2):
        res = L.LayerNormalization(epsilon=1e-6)(x) if x.shape[-1] > 1 else x
        res = L.MultiHeadAttention(key_dim=8, num_heads=2, dropout=0.25)(res, res)
        res = L.Dropout(0.25)(res) + x
        x = L.Conv1D(8, 1, activation="relu")(res)
        x = L.Conv1D(8, 3, padding="same")(L.Dropout(0.25)(x)) + res
    x = L.Flatten()(x)
    x = L.Dropout(0.4)(L.Dense(32, activation="relu")(x))
    return keras.Model(inputs, L.Dense(2, activation="softmax")(x))


def forecaster():
    """A scheduled rate, clipped gradients; dropout at the input and on the state."""
    model = keras.Sequential(
        [
            keras.Input((STEPS - 1, 1)),
            L.LSTM(16, return_sequences=True, dropout=0.1),
            L.GRU(16, recurrent_dropout=0.1),
            L.Dense(1),
            L.Rescaling(40, 50),
        ]
    )
    schedule = keras.optimizers.schedules.CosineDecay(0.02, 300)
    model.compile(keras.optimizers.Adam(schedule, clipnorm=5.0), "mse", metrics=["mae"])
    return model


def film_net():
    """A convolution with a state, its two dropouts, one more on each frame."""
    model = keras.Sequential(
        [
            keras.Input((4, 8, 8, 1)),
            L.ConvLSTM2D(4, 3, dropout=0.1, recurrent_dropout=0.1, return_sequences=True),
            L.TimeDistributed(L.Dropout(0.2)),
            L.Flatten(),
            L.Dense(2, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


class Stepper(keras.Model):
    """Subclassed, with a training step of its own: a loss beside that of compile."""

    def __init__(self):
        super().__init__()
        self.hidden = [L.Dense(16, activation="tanh"), L.Dense(16, activation="tanh")]
        self.dropouts = [L.Dropout(0.1), L.Dropout(0.1)]
        self.out = L.Dense(1)

    def call(self, x, training=False):
        for dense, dropout in zip(self.hidden, self.dropouts, strict=True):
            x = dropout(dense(x), training=training)
        return self.out(x)

    def train_step(self, data):
        import tensorflow as tf

        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred) + 1e-4 * ops.mean(ops.square(y_pred))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


def stepper():
    model = Stepper()
    model.compile(keras.optimizers.Adam(0.02), loss="mse", metrics=["mae"])
    return model


def huber(y, answer):
    """A loss of one's own, a function."""
    error = ops.abs(y - answer)
    return ops.mean(ops.where(error < 0.5, ops.square(error), error - 0.25), axis=-1)


def own_loss():
    """Its loss is a function of its module; noise at the input that is not searched."""
    model = keras.Sequential(
        [
            keras.Input((5,)),
            L.GaussianNoise(0.05),
            L.Dense(24, activation="relu"),
            L.AlphaDropout(0.1),
            L.Lambda(lambda x: x * 1.0),
            L.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), loss=huber)
    return model


def _pretrained():
    """A base that knows where bright squares are, trained here once and kept in a file."""
    path = Path("pretrained.keras")
    if not path.exists():
        x, y = corners()
        base = keras.Sequential(
            [
                keras.Input((SIZE, SIZE, 1)),
                L.Rescaling(1 / 255),
                L.Conv2D(8, 3, strides=2, activation="relu"),
                L.Dropout(0.3),
                L.Flatten(),
            ],
            name="base",
        )
        keras.utils.set_random_seed(0)
        whole = keras.Sequential([base, L.Dense(4, activation="softmax")])
        whole.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
        whole.fit(x, y, epochs=8, verbose=0)
        base.save(path)
    return keras.models.load_model(path)


def fine_tuned():
    """A frozen base and a new head; a graph passes `training` on into the base all the same."""
    base = _pretrained()
    base.trainable = False
    inputs = keras.Input((SIZE, SIZE, 1))
    x = L.Dropout(0.2)(base(inputs, training=False))
    model = keras.Model(inputs, L.Dense(4, activation="softmax")(x))
    model.compile(
        keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def stopped_early():
    """Trained until it no longer gets better."""
    model = keras.Sequential(
        [keras.Input((5,)), L.Dense(24, activation="relu"), L.Dropout(0.2), L.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.02), loss="mse")
    return model


def callbacks():
    """What the owner gives to `fit`."""
    return [keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)]

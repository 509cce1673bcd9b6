"""Networks as their owners write them: dropout inside layers, of many kinds."""

import keras
import numpy as np

L = keras.layers
STEPS, SIZE = 3, 4


class Drawn(L.Layer):
    """Stochastic depth as in many scripts: no get_config, no **kwargs."""

    def __init__(self, drop_prob):
        super().__init__()
        self.drop_prob = drop_prob
        self.seed_generator = keras.random.SeedGenerator(7)

    def call(self, x, training=None):
        if not training:
            return x
        keep = 1 - self.drop_prob
        shape = (keras.ops.shape(x)[0],) + (1,) * (len(x.shape) - 1)
        return (
            x / keep * keras.ops.floor(keep + keras.random.uniform(shape, seed=self.seed_generator))
        )


class Block(L.Layer):
    """A transformer block: attention, lists and a dict of layers, a nested Sequential."""

    def __init__(self, rate):
        super().__init__()
        self.attention = L.MultiHeadAttention(2, 2, dropout=rate)
        self.norms = [L.LayerNormalization(), L.LayerNormalization()]
        self.drops = {"residual": L.Dropout(rate)}
        self.mlp = keras.Sequential([L.Dense(8, "gelu"), L.Dropout(rate), L.Dense(SIZE)])
        self.depth = Drawn(rate)

    def build(self, shape):
        self.attention.build(shape, shape)
        self.norms[0].build(shape)
        self.norms[1].build(shape)
        self.mlp.build(shape)
        self.built = True

    def call(self, x):
        y = self.norms[0](x)
        x = x + self.depth(self.drops["residual"](self.attention(y, y)))
        return x + self.mlp(self.norms[1](x))


def transformer():
    x = inputs = keras.Input((STEPS, SIZE))
    for _ in range(2):
        x = Block(0.1)(x)
    x = L.Dropout(0.3, name="head")(L.GlobalAveragePooling1D()(x))
    return keras.Model(inputs, L.Dense(2)(x))


class Own(keras.Model):
    """A subclassed model with a plain list of layers."""

    def __init__(self):
        super().__init__()
        self.hidden = [L.Dense(8, "relu"), L.Dense(8, "relu")]
        self.drops = [L.Dropout(0.2), L.Dropout(0.4)]
        self.head = L.Dense(2)

    def call(self, x, training=None):
        for dense, drop in zip(self.hidden, self.drops, strict=True):
            x = drop(dense(x), training=training)
        return self.head(x)


def subclassed():
    model = Own()
    model(np.zeros((2, SIZE), "float32"))
    return model


def bidirectional():
    layer = L.LSTM(3, dropout=0.2, recurrent_dropout=0.3, return_sequences=True)
    layers = [L.Bidirectional(layer), L.GRU(3, recurrent_dropout=0.3), L.Dense(2)]
    return keras.Sequential([keras.Input((STEPS, SIZE)), *layers])


def stacked():
    cells = [L.LSTMCell(3, dropout=0.2), L.GRUCell(3, recurrent_dropout=0.1)]
    simple = L.SimpleRNN(3, dropout=0.2, recurrent_dropout=0.2, return_sequences=True)
    return keras.Sequential([keras.Input((STEPS, SIZE)), simple, L.RNN(cells), L.Dense(2)])


def filmed():
    frames = L.ConvLSTM1D(2, 2, dropout=0.2, recurrent_dropout=0.2)
    return keras.Sequential([keras.Input((3, SIZE, 2)), frames, L.Flatten(), L.Dense(2)])


def spread():
    inner = keras.Sequential([keras.Input((SIZE,)), L.Dense(3, "relu"), L.Dropout(0.2)])
    layers = [L.TimeDistributed(inner), L.TimeDistributed(L.Dropout(0.3)), L.Flatten(), L.Dense(2)]
    return keras.Sequential([keras.Input((STEPS, SIZE)), *layers])


def scored():
    inputs = keras.Input((STEPS, SIZE))
    x = L.Attention(dropout=0.2)([inputs, inputs])
    x = L.AdditiveAttention(dropout=0.3)([x, x])
    x = L.GroupQueryAttention(2, 2, 1, dropout=0.4)(x, x)
    return keras.Model(inputs, L.Dense(2)(L.Flatten()(x)))


def residual():
    x = inputs = keras.Input((6, 6, 2))
    for rate in (0.1, 0.2):
        y = L.Conv2D(2, 3, padding="same", activation="relu")(x)
        x = L.Add()([x, L.Dropout(rate, noise_shape=(None, 1, 1, 1))(y)])
    x = Drawn(0.0)(L.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, L.Dense(2)(L.Dropout(0.5)(x)))


PATHS = {
    transformer: [
        ("block/attention", "attention", 0.1),
        ("block/drops['residual']", "units", 0.1),
        ("block/mlp/dropout", "units", 0.1),
        ("block/depth", "path", 0.1),
    ]
    * 2
    + [("head", "units", 0.3)],
    subclassed: [("drops[0]", "units", 0.2), ("drops[1]", "units", 0.4)],
    bidirectional: [
        *[
            place
            for way in ("forward", "backward")
            for place in (
                (f"bidirectional/{way}_layer/cell", "input", 0.2),
                (f"bidirectional/{way}_layer/cell", "recurrent", 0.3),
            )
        ],
        ("gru/cell", "recurrent", 0.3),
    ],
    stacked: [
        ("simple_rnn/cell", "input", 0.2),
        ("simple_rnn/cell", "recurrent", 0.2),
        ("rnn/cell/cells[0]", "input", 0.2),
        ("rnn/cell/cells[1]", "recurrent", 0.1),
    ],
    filmed: [("conv_lstm1d/cell", "input", 0.2), ("conv_lstm1d/cell", "recurrent", 0.2)],
    spread: [
        ("time_distributed/layer/dropout", "units", 0.2),
        ("time_distributed/layer", "units", 0.3),
    ],
    scored: [
        ("attention", "attention", 0.2),
        ("additive_attention", "attention", 0.3),
        ("grouped_query_attention", "attention", 0.4),
    ],
    residual: [
        ("dropout", "path", 0.1),
        ("dropout", "path", 0.2),
        ("drawn", "path", 0.0),
        ("dropout", "units", 0.5),
    ],
}
"""What a count by hand finds in each: where, the kind, the rate as written."""


def rows(model, n=8):
    shape = (SIZE,) if isinstance(model, Own) else model.input_shape[1:]
    return np.random.default_rng(0).normal(size=(n, *shape)).astype("float32")

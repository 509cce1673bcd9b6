"""Images: convolutions from scratch, patches and attention, segmentation, several targets."""

import keras
import numpy as np
from keras import ops

L = keras.layers
SIZE = 12
N = 360


def _drawn(seed=0):
    """Bytes [n, 12, 12, 1] of a bright square in one of four corners, and the corner."""
    generator = np.random.default_rng(seed)
    corner = generator.integers(0, 4, N)
    x = generator.integers(0, 90, (N, SIZE, SIZE, 1))
    for row, (down, right) in zip(x, zip(corner // 2, corner % 2, strict=True), strict=True):
        row[6 * down + 1 : 6 * down + 5, 6 * right + 1 : 6 * right + 5] += 110
    return x.astype("uint8"), corner


def corners():
    return _drawn()


def corners_one_hot():
    x, corner = _drawn()
    return x.astype("float32"), np.eye(4, dtype="float32")[corner]


def halves():
    """Two answers: the upper half or the lower one, and how far to the right."""
    x, corner = _drawn()
    return x, {"down": (corner // 2).astype("float32"), "right": (corner % 2).astype("float32")}


def several_labels():
    """Three labels of an image, any number of which may hold."""
    x, corner = _drawn()
    labels = np.stack([corner // 2, corner % 2, (corner == 0) * 1], axis=1)
    return x, labels.astype("int64")


def masks():
    """For each pixel whether it belongs to the square."""
    x, _ = _drawn()
    return x, (x > 100).astype("uint8")


def itself():
    x, _ = _drawn()
    scaled = x.astype("float32") / 255
    return scaled, scaled


def cnn(params):
    """From scratch, Rescaling inside, compiled with labels as whole numbers."""
    model = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 1)),
            L.Rescaling(1 / 255),
            L.Conv2D(8, 3, activation="relu"),
            L.MaxPooling2D(),
            L.Conv2D(16, 3, activation="relu"),
            L.Flatten(),
            L.Dropout(0.5),
            L.Dense(4, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.01
    return model


class Patches(L.Layer):
    """No `get_config`, no keyword arguments: as the script has it."""

    def __init__(self, patch_size):
        super().__init__()
        self.patch_size = patch_size

    def call(self, images):
        patches = ops.image.extract_patches(images, self.patch_size)
        return ops.reshape(patches, (ops.shape(images)[0], -1, patches.shape[-1]))


class PatchEncoder(L.Layer):
    def __init__(self, num_patches, projection_dim):
        super().__init__()
        self.num_patches = num_patches
        self.projection = L.Dense(units=projection_dim)
        self.position_embedding = L.Embedding(num_patches, projection_dim)

    def call(self, patch):
        positions = ops.expand_dims(ops.arange(0, self.num_patches), 0)
        return self.projection(patch) + self.position_embedding(positions)


def _feed_forward(x, units, rate):
    for n in units:
        x = L.Dropout(rate)(L.Dense(n, activation="gelu")(x))
    return x


def vit():
    """A vision transformer: dropout in attention, in both feed-forward layers, before the head."""
    inputs = keras.Input((SIZE, SIZE, 1))
    x = PatchEncoder(16, 16)(Patches(3)(L.Rescaling(1 / 255)(inputs)))
    for _ in range(2):
        x1 = L.LayerNormalization(epsilon=1e-6)(x)
        attended = L.MultiHeadAttention(num_heads=2, key_dim=16, dropout=0.1)(x1, x1)
        x2 = L.Add()([attended, x])
        x3 = L.LayerNormalization(epsilon=1e-6)(x2)
        x = L.Add()([_feed_forward(x3, (32, 16), 0.1), x2])
    x = L.Dropout(0.2)(L.Flatten()(L.LayerNormalization(epsilon=1e-6)(x)))
    logits = L.Dense(4)(_feed_forward(x, (32,), 0.2))
    model = keras.Model(inputs, logits)
    model.compile(
        keras.optimizers.AdamW(learning_rate=0.005, weight_decay=0.0001),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    return model


class StochasticDepth(L.Layer):
    """As the script of the compact transformer writes it."""

    def __init__(self, drop_prop, **kwargs):
        super().__init__(**kwargs)
        self.drop_prob = drop_prop
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, x, training=None):
        if training:
            keep_prob = 1 - self.drop_prob
            shape = (ops.shape(x)[0],) + (1,) * (len(x.shape) - 1)
            random_tensor = keep_prob + keras.random.uniform(shape, 0, 1, seed=self.seed_generator)
            return (x / keep_prob) * ops.floor(random_tensor)
        return x


class Tokenizer(L.Layer):
    """Convolutions in a model of the layer's own."""

    def __init__(self, filters=16, **kwargs):
        super().__init__(**kwargs)
        self.conv_model = keras.Sequential(
            [L.Conv2D(filters, 3, padding="same", activation="relu"), L.MaxPooling2D(3)]
        )

    def call(self, images):
        found = self.conv_model(images)
        return ops.reshape(found, (-1, found.shape[1] * found.shape[2], found.shape[3]))


def compact_transformer():
    """Stochastic depth on both branches of a block, sequence pooling, labels as one-hot rows."""
    inputs = keras.Input((SIZE, SIZE, 1))
    x = Tokenizer()(L.Rescaling(1 / 255)(inputs))
    for rate in (0.0, 0.1):
        x1 = L.LayerNormalization(epsilon=1e-5)(x)
        attended = L.MultiHeadAttention(num_heads=2, key_dim=16, dropout=0.1)(x1, x1)
        x2 = L.Add()([StochasticDepth(rate)(attended), x])
        x3 = _feed_forward(L.LayerNormalization(epsilon=1e-5)(x2), (16,), 0.1)
        x = L.Add()([StochasticDepth(rate)(x3), x2])
    weights = L.Softmax(axis=1)(L.Dense(1)(x))
    pooled = L.Flatten()(L.Dot(axes=1)([weights, x]))
    model = keras.Model(inputs, L.Dense(4)(pooled))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    metrics = [keras.metrics.CategoricalAccuracy(name="accuracy")]
    model.compile(keras.optimizers.AdamW(0.01), loss, metrics=metrics)
    return model

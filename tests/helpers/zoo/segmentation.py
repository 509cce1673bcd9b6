"""Images in, more than one class out: pixels, several answers, the image itself, known nets."""

import keras

from zoo.vision import SIZE, corners, halves, itself, masks, several_labels

L = keras.layers
__all__ = ["corners", "halves", "itself", "masks", "several_labels"]


def unet():
    """Down and up again with skips; spatial dropout at the bottom."""
    inputs = keras.Input((SIZE, SIZE, 1))
    x = L.Rescaling(1 / 255)(inputs)
    first = L.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = L.Conv2D(16, 3, padding="same", activation="relu")(L.MaxPooling2D()(first))
    x = L.SpatialDropout2D(0.3)(x)
    x = L.Conv2DTranspose(8, 2, strides=2, activation="relu")(x)
    x = L.Dropout(0.1)(
        L.Conv2D(8, 3, padding="same", activation="relu")(L.Concatenate()([x, first]))
    )
    model = keras.Model(inputs, L.Conv2D(2, 1, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.01
    return model


def two_heads():
    """A loss and a weight for each answer, given by name."""
    inputs = keras.Input((SIZE, SIZE, 1))
    x = L.Flatten()(L.Rescaling(1 / 255)(inputs))
    x = L.Dropout(0.3)(L.Dense(32, activation="relu")(x))
    outputs = {
        "down": L.Dense(1, activation="sigmoid", name="down")(x),
        "right": L.Dense(1, name="right")(x),
    }
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.Adam(0.003),
        {"down": "binary_crossentropy", "right": "mse"},
        loss_weights={"down": 1.0, "right": 0.5},
        metrics={"down": ["accuracy"], "right": ["mae"]},
    )
    return model


def tagger():
    """Several labels of an image: a sigmoid each."""
    model = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 1)),
            L.Rescaling(1 / 255),
            L.Conv2D(8, 3, strides=2, activation="relu"),
            L.Flatten(),
            L.Dense(32, activation="relu"),
            L.Dropout(0.4),
            L.Dense(3, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["binary_accuracy"])
    model.optimizer.learning_rate = 0.01
    return model


def autoencoder():
    """Dropout at the input, the target is the input without it."""
    inputs = keras.Input((SIZE, SIZE, 1))
    x = L.Dense(32, activation="relu")(L.Flatten()(L.Dropout(0.2)(inputs)))
    x = L.Dense(SIZE * SIZE, activation="sigmoid")(x)
    model = keras.Model(inputs, L.Reshape((SIZE, SIZE, 1))(x))
    model.compile(keras.optimizers.Adam(0.005), "mse")
    return model


def efficientnet():
    """Keras's own, narrow: its block drops are Dropout layers with a noise_shape."""
    from keras.src.applications.efficientnet import EfficientNet

    blocks = [
        {"kernel_size": 3, "repeats": 1, "filters_in": 32, "filters_out": 16}
        | {"expand_ratio": 1, "id_skip": True, "strides": 1, "se_ratio": 0.25},
        {"kernel_size": 3, "repeats": 3, "filters_in": 16, "filters_out": 16}
        | {"expand_ratio": 2, "id_skip": True, "strides": 1, "se_ratio": 0.25},
    ]
    net = EfficientNet(
        *(0.25, 1.0, 32, 0.2, 0.2, 8),
        blocks_args=blocks,
        name="efficientnet",
        weights=None,
        input_shape=(32, 32, 1),
        classes=4,
        weights_name="none",
    )
    inputs = keras.Input((SIZE, SIZE, 1))
    model = keras.Model(inputs, net(L.Resizing(32, 32)(inputs)))
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def convnext():
    """Keras's own, short: its stochastic depth is a layer of its own."""
    from keras.src.applications.convnext import ConvNeXt

    model = ConvNeXt(
        depths=[2, 1, 1, 1],
        projection_dims=[8, 8, 16, 16],
        drop_path_rate=0.2,
        weights=None,
        input_shape=(32, 32, 1),
        classes=4,
        include_preprocessing=False,
        name="convnext",
        weights_name="convnext",
    )
    inputs = keras.Input((SIZE, SIZE, 1))
    model = keras.Model(inputs, model(L.Resizing(32, 32)(L.Rescaling(1 / 255)(inputs))))
    model.compile(
        keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model

"""Columns with names, categories and pairs of ids: dict inputs, lookups, gates, graphs."""

import keras
import numpy as np
from keras import ops

L = keras.layers
N = 400
KINDS = ["red", "green", "blue"]


def _columns(seed=0):
    generator = np.random.default_rng(seed)
    age, income = generator.uniform(20, 60, N), generator.lognormal(10, 0.5, N)
    colour = generator.integers(0, 3, N)
    y = (0.1 * (age - 40) + 2.0 * (colour == 1) + 3 * (np.log(income) - 10)) > 0.6
    x = {"age": age, "income": income, "colour": np.array(KINDS)[colour]}
    return x, y.astype("int32")


def columns():
    return _columns()


def rare():
    """Few of a class, as frauds are, and numbers of their own scale."""
    generator = np.random.default_rng(0)
    y = (generator.random(900) < 0.07).astype("int32")
    x = generator.normal(size=(900, 6)) * [1, 5, 20, 1, 1, 1] + y[:, None] * [2, 10, 40, 0, 0, 0]
    return x.astype("float32"), y[:, None]


def weighted():
    """Nearly half of the rows to learn from have wrong labels, and a weight of almost nothing."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(N, 6)).astype("float32")
    y = (x[:, 0] + x[:, 1] > 0).astype("int32")
    wrong = generator.random(N) < 0.45
    weight = np.where(wrong, 0.001, 1.0).astype("float32")
    return {"x": x, "y": y, "y_noisy": np.where(wrong, 1 - y, y), "sample_weight": weight}


def ratings():
    """Two ids a row, and a rating from 0 to 1 that both make."""
    generator = np.random.default_rng(0)
    users, films = generator.normal(size=(12, 2)), generator.normal(size=(15, 2))
    pairs = np.stack([generator.integers(0, 12, 600), generator.integers(0, 15, 600)], axis=1)
    rating = 1 / (1 + np.exp(-np.sum(users[pairs[:, 0]] * films[pairs[:, 1]], axis=1)))
    return pairs, rating.astype("float32")


def graphs():
    """Features of six nodes and how they are joined; the class is which kind the neighbours are."""
    generator = np.random.default_rng(0)
    joined = np.triu(generator.random((N, 6, 6)) < 0.4, 1)
    joined = (joined | joined.transpose(0, 2, 1)).astype("float32")
    features = generator.normal(size=(N, 6, 3)).astype("float32")
    y = (np.einsum("nij,nj->n", joined, features[..., 0]) > 0).astype("int32")
    return {"nodes": features, "edges": joined}, y


def structured():
    """An Input for each column, normalized and looked up inside of the model."""
    x, _ = _columns()
    inputs = {name: keras.Input((1,), name=name) for name in ("age", "income")}
    inputs["colour"] = keras.Input((1,), name="colour", dtype="string")
    encoded = []
    for name in ("age", "income"):
        normalize = L.Normalization()
        normalize.adapt(x[name][:, None])
        encoded.append(normalize(inputs[name]))
    encoded.append(L.StringLookup(vocabulary=KINDS, output_mode="one_hot")(inputs["colour"]))
    hidden = L.Dropout(0.5)(L.Dense(32, activation="relu")(L.Concatenate()(encoded)))
    model = keras.Model(inputs, L.Dense(1, activation="sigmoid")(hidden))
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return model


class GatedLinearUnit(L.Layer):
    def __init__(self, units):
        super().__init__()
        self.linear = L.Dense(units)
        self.sigmoid = L.Dense(units, activation="sigmoid")

    def call(self, inputs):
        return self.linear(inputs) * self.sigmoid(inputs)


class GatedResidualNetwork(L.Layer):
    """As the script has it."""

    def __init__(self, units, dropout_rate):
        super().__init__()
        self.units = units
        self.elu_dense = L.Dense(units, activation="elu")
        self.linear_dense = L.Dense(units)
        self.dropout = L.Dropout(dropout_rate)
        self.gated_linear_unit = GatedLinearUnit(units)
        self.layer_norm = L.LayerNormalization()
        self.project = L.Dense(units)

    def call(self, inputs):
        x = self.dropout(self.linear_dense(self.elu_dense(inputs)))
        if inputs.shape[-1] != self.units:
            inputs = self.project(inputs)
        return self.layer_norm(inputs + self.gated_linear_unit(x))


def gated():
    """Gated residual networks, one behind another, behind columns of a dict."""
    inputs = {name: keras.Input((1,), name=name) for name in ("age", "income")}
    inputs["colour"] = keras.Input((1,), name="colour", dtype="string")
    scaled = [inputs["age"] / 10 - 4, 2 * ops.log(inputs["income"]) - 20]
    colour = L.Embedding(4, 4)(L.StringLookup(vocabulary=KINDS)(inputs["colour"]))
    x = L.Concatenate()([*scaled, L.Reshape((4,))(colour)])
    x = GatedResidualNetwork(16, 0.15)(GatedResidualNetwork(16, 0.15)(x))
    model = keras.Model(inputs, L.Dense(1, activation="sigmoid")(x))
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return model


def frauds():
    """As the imbalanced script: metrics of its own, two dropouts, an adapted Normalization."""
    x, _ = rare()
    normalize = L.Normalization()
    normalize.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            normalize,
            L.Dense(16, activation="relu"),
            L.Dropout(0.3),
            L.Dense(16, activation="relu"),
            L.Dropout(0.3),
            L.Dense(1, activation="sigmoid"),
        ]
    )
    metrics = [keras.metrics.Precision(name="precision"), keras.metrics.AUC(name="auc")]
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=metrics)
    return model


def plain():
    model = keras.Sequential(
        [
            keras.Input((6,)),
            L.Dense(16, activation="relu"),
            L.Dropout(0.2),
            L.Dense(2, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


class Recommender(keras.Model):
    """Two embeddings and their product; dropout on the users' rows."""

    def __init__(self, num_users, num_films, embedding_size, **kwargs):
        super().__init__(**kwargs)
        self.user_embedding = L.Embedding(num_users, embedding_size)
        self.user_bias = L.Embedding(num_users, 1)
        self.film_embedding = L.Embedding(num_films, embedding_size)
        self.dropout = L.Dropout(0.05)

    def call(self, inputs):
        user = self.dropout(self.user_embedding(inputs[:, 0]))
        both = ops.sum(user * self.film_embedding(inputs[:, 1]), axis=1, keepdims=True)
        return ops.sigmoid(both + self.user_bias(inputs[:, 0]))


def recommender():
    model = Recommender(12, 15, 8)
    model.compile(keras.optimizers.Adam(0.02), loss="mse")
    return model


class GraphConvolution(L.Layer):
    """What neighbours say, through a feed-forward net kept in a list."""

    def __init__(self, units, rate):
        super().__init__()
        self.steps = [L.Dropout(rate), L.Dense(units, activation="relu")]

    def call(self, nodes, edges):
        x = nodes
        for step in self.steps:
            x = step(x)
        return ops.concatenate([nodes, ops.matmul(edges, x)], axis=-1)


class GraphNet(keras.Model):
    """Takes a dict of node features and edges."""

    def __init__(self):
        super().__init__()
        self.convolutions = [GraphConvolution(8, 0.1), GraphConvolution(8, 0.1)]
        self.head = {"dropout": L.Dropout(0.2), "dense": L.Dense(2)}

    def call(self, inputs):
        x = inputs["nodes"]
        for each in self.convolutions:
            x = each(x, inputs["edges"])
        return self.head["dense"](self.head["dropout"](ops.mean(x, axis=1)))


def graph_net():
    model = GraphNet()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    return model

"""Sentences: ids, strings and padded sequences; transformers, recurrent nets, tags of words."""

import keras
import numpy as np
from keras import ops

L = keras.layers
WORDS, LENGTH, N = 20, 10, 360
VOCABULARY = [f"w{i}" for i in range(1, WORDS)]


def _ids(seed=0):
    """Ids 1 to 19 padded with 0, [n, 10], and whether one of the first three words is there."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(4, WORDS, (N, LENGTH))
    y = generator.integers(0, 2, N)
    places = generator.integers(0, 4, N)
    ids[y == 1, places[y == 1]] = generator.integers(1, 4, int(y.sum()))
    lengths = generator.integers(4, LENGTH + 1, N)
    ids[np.arange(LENGTH) >= lengths[:, None]] = 0
    return ids.astype("int32"), y.astype("int32")


def ids():
    return _ids()


def lists():
    """As many ids as a sentence has words."""
    found, y = _ids()
    rows = np.empty(N, dtype=object)
    rows[:] = [row[row > 0].tolist() for row in found]
    return rows, y


def strings():
    found, y = _ids()
    return np.array([" ".join(f"w{i}" for i in row if i) for row in found], dtype=object), y


def streamed():
    import tensorflow as tf

    x, y = strings()
    return tf.data.Dataset.from_tensor_slices((x.astype(str)[:, None], y)).batch(32)


def tags():
    """A tag for each word: 1 for the first three words, 2 for those behind them, else 0."""
    found, _ = _ids()
    special = (found > 0) & (found < 4)
    behind = np.roll(special, 1, axis=1) & (np.arange(LENGTH) > 0) & ~special & (found > 0)
    return found, (special + 2 * behind).astype("int32")


class TransformerBlock(L.Layer):
    """As the script has it: dropout layers of its own, a Sequential inside, no `get_config`."""

    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1):
        super().__init__()
        self.att = L.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential([L.Dense(ff_dim, activation="relu"), L.Dense(embed_dim)])
        self.layernorm1 = L.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = L.LayerNormalization(epsilon=1e-6)
        self.dropout1 = L.Dropout(rate)
        self.dropout2 = L.Dropout(rate)

    def call(self, inputs):
        attn_output = self.dropout1(self.att(inputs, inputs))
        out1 = self.layernorm1(inputs + attn_output)
        return self.layernorm2(out1 + self.dropout2(self.ffn(out1)))


class TokenAndPositionEmbedding(L.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim):
        super().__init__()
        self.token_emb = L.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = L.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        return self.token_emb(x) + self.pos_emb(ops.arange(0, ops.shape(x)[-1], 1))


def transformer(params, spec):
    """Token ids, uncompiled; a dropout before and after the dense layer of the head."""
    inputs = keras.Input((LENGTH,))
    x = TransformerBlock(16, 2, 16)(TokenAndPositionEmbedding(LENGTH, WORDS, 16)(inputs))
    x = L.Dropout(0.1)(L.GlobalMaxPooling1D()(x))
    x = L.Dropout(0.1)(L.Dense(params.get("width", 20), activation="relu")(x))
    return keras.Model(inputs, L.Dense(spec.n_outputs, activation="softmax")(x))


def bilstm():
    """Masked zeros; dropout on the inputs and on the state of both directions."""
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            L.Embedding(WORDS, 16, mask_zero=True),
            L.Bidirectional(L.LSTM(12, dropout=0.2, recurrent_dropout=0.2)),
            L.Dropout(0.3),
            L.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return model


def stacked_cells():
    """An RNN over a stack of cells, each with dropouts of its own."""
    cells = [L.GRUCell(10, dropout=0.1), L.SimpleRNNCell(10, dropout=0.2, recurrent_dropout=0.1)]
    inputs = keras.Input((LENGTH,), dtype="int32")
    x = L.RNN(cells)(L.SpatialDropout1D(0.1)(L.Embedding(WORDS, 16)(inputs)))
    model = keras.Model(inputs, L.Dense(2)(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    return model


def sentence_cnn():
    """Strings in, windows of several widths over their words: Kim's."""
    inputs = keras.Input((), dtype="string")
    vectorize = L.TextVectorization(output_sequence_length=LENGTH, vocabulary=VOCABULARY)
    x = L.Embedding(len(VOCABULARY) + 2, 16)(vectorize(inputs))
    windows = [L.GlobalMaxPooling1D()(L.Conv1D(8, w, activation="relu")(x)) for w in (1, 2, 3)]
    x = L.Dropout(0.5)(L.Concatenate()(windows))
    model = keras.Model(inputs, L.Dense(1, activation="sigmoid")(x))
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return model


def streamed_classifier():
    """Strings of a tf.data set, a row a list of one."""
    vectorize = L.TextVectorization(output_sequence_length=LENGTH, vocabulary=VOCABULARY)
    model = keras.Sequential(
        [
            keras.Input((1,), dtype="string"),
            vectorize,
            L.Embedding(len(VOCABULARY) + 2, 16),
            L.Dropout(0.2),
            L.GlobalMaxPooling1D(),
            L.Dense(2, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


class NERModel(keras.Model):
    """Subclassed; a tag for each word."""

    def __init__(self, num_tags, vocab_size, maxlen=LENGTH, embed_dim=16):
        super().__init__()
        self.embedding_layer = TokenAndPositionEmbedding(maxlen, vocab_size, embed_dim)
        self.transformer_block = TransformerBlock(embed_dim, 2, 32)
        self.dropout1 = L.Dropout(0.1)
        self.ff = L.Dense(16, activation="relu")
        self.dropout2 = L.Dropout(0.1)
        self.ff_final = L.Dense(num_tags, activation="softmax")

    def call(self, inputs, training=False):
        x = self.transformer_block(self.embedding_layer(inputs))
        x = self.ff(self.dropout1(x, training=training))
        return self.ff_final(self.dropout2(x, training=training))


class NonPaddingLoss(keras.losses.Loss):
    """Of all words but those whose tag is 0; as the script writes it."""

    def __init__(self):
        super().__init__(name="custom_ner_loss")

    def call(self, y_true, y_pred):
        losses = keras.losses.sparse_categorical_crossentropy(y_true, y_pred)
        return losses * (0.2 + ops.cast(y_true > 0, losses.dtype))


def tagger():
    model = NERModel(3, WORDS)
    model.compile(keras.optimizers.Adam(0.01), loss=NonPaddingLoss(), metrics=["accuracy"])
    return model


def hub_classifier():
    """A backbone of keras-hub, built small: its dropout is inside of its layers."""
    import keras_hub

    backbone = keras_hub.models.BertBackbone(
        vocabulary_size=WORDS,
        num_layers=2,
        num_heads=2,
        hidden_dim=16,
        intermediate_dim=32,
        dropout=0.1,
        max_sequence_length=LENGTH,
    )
    ids_ = keras.Input((LENGTH,), dtype="int32", name="token_ids")
    given = {
        "token_ids": ids_,
        "segment_ids": ops.zeros_like(ids_),
        "padding_mask": ops.cast(ids_ != 0, "int32"),
    }
    x = L.Dropout(0.1)(backbone(given)["pooled_output"])
    model = keras.Model(ids_, L.Dense(2, activation="softmax")(x))
    model.compile(
        keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def grouped_query():
    """Queries in groups, dropout of the attention alone."""
    inputs = keras.Input((LENGTH,), dtype="int32")
    x = TokenAndPositionEmbedding(LENGTH, WORDS, 16)(inputs)
    x = L.GroupQueryAttention(8, 4, 2, dropout=0.1)(x, x)
    model = keras.Model(inputs, L.Dense(2, activation="softmax")(L.GlobalMaxPooling1D()(x)))
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model

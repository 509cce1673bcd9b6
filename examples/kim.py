"""Kim's sentence CNN: words in windows of three widths, the strongest of each, one dropout.

    tuner search --model kim:build --data rt-polarity.csv --epochs 6 --trials 20

Rows are sentences: the words are looked up inside of the model, those of the rows that are trained
on. Smaller than in the paper (embedding of 64 instead of 300, random; Adam instead of Adadelta).
Kim 2014, Convolutional Neural Networks for Sentence Classification, EMNLP: dropout of 0.5 at the
last layer adds 2 to 4 % there.
"""

import keras

AXES = {"width": (25, 50, 100)}
WINDOWS = (3, 4, 5)
WORDS, LENGTH, DIMENSIONS = 10_000, 40, 64


def build(params, spec):
    """`width` windows of each of the three sizes."""
    sentences = keras.Input((), dtype="string", name="text")
    words = keras.layers.TextVectorization(max_tokens=WORDS, output_sequence_length=LENGTH)
    words.adapt(spec.x)
    x = keras.layers.Embedding(WORDS, DIMENSIONS)(words(sentences))
    strongest = [
        keras.layers.GlobalMaxPooling1D()(
            keras.layers.Conv1D(params["width"], size, activation="relu")(x)
        )
        for size in WINDOWS
    ]
    x = keras.layers.Dropout(0.5)(keras.layers.Concatenate()(strongest))
    model = keras.Model(sentences, keras.layers.Dense(1, activation="sigmoid")(x))
    model.compile(keras.optimizers.Adam(0.001), "binary_crossentropy", metrics=["accuracy"])
    return model

"""Texts: words as embeddings, the strongest windows of three of them, and a dense layer."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.spec import RowSpec, Spec
from tuner.data.structure import specs
from tuner.errors import UsageError
from tuner.models import HEADS

AXES = {"width": (32, 64, 128)}
_WORDS, _LONGEST, _WINDOW = 20_000, 200, 3
_MARK_RATE = 0.5
L = keras.layers


def build(params: Mapping[str, Any], spec: Spec) -> keras.Model:
    """A convolutional net for rows of text, or for columns of which some are text; reads `width`.

    Vocabularies, lengths, and the means of numbers are those of the rows that are trained on. An
    embedding, the windows and the dense layer have `width` units; numbers join before the latter.
    Raises UsageError where no row has text.
    """
    rows = spec.x if isinstance(spec.x, dict) else {"text": spec.x}
    columns = {} if isinstance(spec.x, tuple | type(None)) else specs(rows)
    if not any(map(_is_text, columns.values())):
        raise UsageError("model 'text' reads texts, one in each row, and these data have none")
    tensors = {name: _input(name, row) for name, row in columns.items()}
    parts = list(_parts(tensors, rows, params["width"]))
    joined = parts[0] if len(parts) == 1 else L.Concatenate()(parts)
    hidden = L.Dense(params["width"], activation="relu")(L.Dropout(_MARK_RATE)(joined))
    answers = L.Dense(spec.n_outputs, activation=HEADS.get(spec.task))(
        L.Dropout(_MARK_RATE)(hidden)
    )
    only, *others = tensors.values()
    return keras.Model(tensors if others else only, answers)


def _is_text(row: RowSpec) -> bool:
    return row.dtype == "string" and row.shape in ((), (1,))


def _input(name: str, row: RowSpec) -> Any:
    dtype = "string" if row.dtype == "string" else "float32"
    return keras.Input(row.shape or (1,), dtype=dtype, name=name)


def _parts(tensors: Mapping[str, Any], rows: Mapping[str, Any], width: int) -> Iterator[Any]:
    """What comes of each column: the strongest windows of a text, or a standardized number."""
    for name, tensor in tensors.items():
        values = np.asarray(rows[name])
        if tensor.dtype != "string":
            standard = L.Normalization()
            standard.adapt(values.reshape(len(values), -1).astype("float32"))
            yield standard(tensor)
            continue
        words = _words(values.reshape(-1).tolist())
        embedded = L.Embedding(words.vocabulary_size(), width)(words(tensor))
        windows = L.Conv1D(width, _WINDOW, padding="same", activation="relu")(
            L.Dropout(_MARK_RATE)(embedded)
        )
        yield L.GlobalMaxPooling1D()(windows)


def _words(texts: list[str] | list[bytes]) -> keras.layers.TextVectorization:
    """The words of texts as ids: the most frequent ones, in rows long enough for most texts."""
    n = np.quantile([len(text.split()) for text in texts], 0.98)
    words = L.TextVectorization(_WORDS, output_sequence_length=int(np.clip(n, 1, _LONGEST)))
    words.adapt(tf.constant(texts))
    return words

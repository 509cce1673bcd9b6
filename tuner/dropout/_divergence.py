"""How far the outputs of a model under one mask are from those under another."""

import keras
from keras import ops

from tuner.dropout.graph import head
from tuner.dropout.tensors import Tensor

_SMALL = 1e-7


def divergence(kind: str, model: keras.Model, y: Tensor, target: Tensor, outputs: Tensor) -> Tensor:
    """How far outputs are from `target`, outputs under another mask, [batch].

    "kl" between the predicted distributions (of targets: normal ones of unit variance), "qe" the
    mean squared difference of probabilities, or of values.
    """
    target, outputs = (ops.cast(each, "float32") for each in (target, outputs))
    if "int" not in keras.backend.standardize_dtype(y.dtype):
        squares = ops.square(target - outputs)
        return 0.5 * ops.sum(squares, -1) if kind == "kl" else ops.mean(squares, -1)
    p, q = (_probabilities(model, each) for each in (target, outputs))
    if kind == "qe":
        return ops.mean(ops.square(p - q), axis=-1)
    p, q = (ops.maximum(each, _SMALL) for each in (p, q))
    return ops.sum(p * (ops.log(p) - ops.log(q)), axis=-1)


def _probabilities(model: keras.Model, outputs: Tensor) -> Tensor:
    kind, n_outputs = head(model)
    if n_outputs == 1:
        one = ops.sigmoid(outputs) if kind == "logits" else outputs
        return ops.concatenate([one, 1.0 - one], axis=-1)
    return ops.softmax(outputs) if kind == "logits" else outputs

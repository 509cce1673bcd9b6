"""Whether a model answers with probabilities or with logits, output by output."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from tuner.dropout.graph import head
from tuner.dropout.keras_internals import is_model, maker_of
from tuner.dropout.tensors import Tensor
from tuner.training.aligning import are_classes
from tuner.training.keras_training import compiled_loss, fixed_arguments

_PROBABILITIES = ("sigmoid", "softmax", "hard_sigmoid", "sparsemax")


@dataclass(frozen=True)
class Head:
    """An output of a model: logits or not, over `size` classes that exclude each other or not."""

    is_logits: bool
    is_one_of: bool
    size: int

    @classmethod
    def of(cls, model: keras.Model, place: int, name: str, y: Tensor, answers: Tensor) -> "Head":
        """That of output `place`, which has this name among several.

        `y` and `answers` [n, ...] are those of some rows.
        """
        loss = _loss_of(model, place, name)
        said = str(getattr(loss, "name", None) or getattr(loss, "__name__", loss))
        is_one_of = are_classes(y, answers) or "categorical" in said
        size = int(answers.shape[-1]) if answers.shape.rank > 1 else 1
        return cls(_gives_logits(model, place, loss, answers), is_one_of, size)

    def probabilities(self, answers: Tensor) -> Tensor:
        """Answers [..., size] as probabilities."""
        if not self.is_logits:
            return answers
        is_softmax = self.is_one_of and self.size > 1
        return keras.ops.softmax(answers) if is_softmax else keras.ops.sigmoid(answers)


def _loss_of(model: keras.Model, place: int, name: str) -> Any:
    loss = None if compiled_loss(model) is None else model.loss
    if isinstance(loss, dict):
        return loss.get(name) if name else next(iter(loss.values()))
    return loss[place] if isinstance(loss, list | tuple) else loss


def _gives_logits(model: keras.Model, place: int, loss: Any, answers: Tensor) -> bool:
    """By what the loss says, else by the last layer, else by the answers themselves."""
    for held in (loss, getattr(loss, "keywords", None), fixed_arguments(loss)):
        said = held.get("from_logits") if isinstance(held, dict) else None
        said = getattr(held, "from_logits", said)
        if said is not None:
            return bool(said)
    if isinstance(loss, str) or getattr(loss, "__module__", "").startswith("keras."):
        return False
    if not is_model(model):
        values = np.asarray(answers, "float32")
        return bool(values.min() < 0 or values.max() > 1)
    if len(model.outputs) == 1:
        return head(model)[0] == "logits"
    last = maker_of(model.outputs[place])
    function = getattr(getattr(last, "activation", None), "__name__", type(last).__name__)
    return function.lower() not in _PROBABILITIES

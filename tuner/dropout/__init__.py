"""The dropout of the literature as Keras layers, and `apply`, which puts it into a model.

Importing this package imports Keras and registers the layers: saved models open. The layers need
no loop of ours: what they add to the loss and what they count, they do in anybody's `model.fit`.
"""

from tuner.dropout.adversarial import AdversarialDropout
from tuner.dropout.alpha import AlphaDropout
from tuner.dropout.apply_variant import apply
from tuner.dropout.concrete import ConcreteDropout
from tuner.dropout.dense import DropConnectDense, TargetedDropoutDense, VariationalDense
from tuner.dropout.dropconnect import DropConnect
from tuner.dropout.gaussian import GaussianDropout
from tuner.dropout.mc import MCDropout
from tuner.dropout.scheduled import ScheduledDropout
from tuner.dropout.spatial import SpatialDropout
from tuner.dropout.standard import Dropout
from tuner.dropout.targeted import TargetedDropout
from tuner.dropout.variational import VariationalDropout
from tuner.schema import VARIANTS

__all__ = [
    "VARIANTS",
    "AdversarialDropout",
    "AlphaDropout",
    "ConcreteDropout",
    "DropConnect",
    "DropConnectDense",
    "Dropout",
    "GaussianDropout",
    "MCDropout",
    "ScheduledDropout",
    "SpatialDropout",
    "TargetedDropout",
    "TargetedDropoutDense",
    "VariationalDense",
    "VariationalDropout",
    "apply",
]

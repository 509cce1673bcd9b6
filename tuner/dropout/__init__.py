"""The dropout variants, by name: one file and one line here each.

Noise on activations first, then noise on weights, then noise that is learned.
"""

VARIANTS = {
    "none": "tuner.dropout.none:VARIANT",
    "standard": "tuner.dropout.standard:VARIANT",
    "spatial": "tuner.dropout.spatial:VARIANT",
    "gaussian": "tuner.dropout.gaussian:VARIANT",
    "alpha": "tuner.dropout.alpha:VARIANT",
    "scheduled": "tuner.dropout.scheduled:VARIANT",
    "dropconnect": "tuner.dropout.dropconnect:VARIANT",
    "targeted": "tuner.dropout.targeted:VARIANT",
    "concrete": "tuner.dropout.concrete:VARIANT",
    "variational": "tuner.dropout.variational:VARIANT",
    "adversarial": "tuner.dropout.adversarial:VARIANT",
    "mc": "tuner.dropout.mc:VARIANT",
}

"""The dropout variants, by name: one file and one line here each.

Noise on activations first, then noise on weights, then noise that is learned.
"""

VARIANTS = {
    "none": "tuner.variants.none:VARIANT",
    "standard": "tuner.variants.standard:VARIANT",
    "spatial": "tuner.variants.spatial:VARIANT",
    "gaussian": "tuner.variants.gaussian:VARIANT",
    "alpha": "tuner.variants.alpha:VARIANT",
    "scheduled": "tuner.variants.scheduled:VARIANT",
    "dropconnect": "tuner.variants.dropconnect:VARIANT",
    "targeted": "tuner.variants.targeted:VARIANT",
    "concrete": "tuner.variants.concrete:VARIANT",
    "variational": "tuner.variants.variational:VARIANT",
    "adversarial": "tuner.variants.adversarial:VARIANT",
    "mc": "tuner.variants.mc:VARIANT",
}

"""The dropout variants, by name: one file and one line here each."""

VARIANTS = {
    "none": "tuner.variants.none:VARIANT",
    "standard": "tuner.variants.standard:VARIANT",
    "spatial": "tuner.variants.spatial:VARIANT",
    "dropconnect": "tuner.variants.dropconnect:VARIANT",
    "gaussian": "tuner.variants.gaussian:VARIANT",
    "targeted": "tuner.variants.targeted:VARIANT",
    "alpha": "tuner.variants.alpha:VARIANT",
    "concrete": "tuner.variants.concrete:VARIANT",
    "variational": "tuner.variants.variational:VARIANT",
    "scheduled": "tuner.variants.scheduled:VARIANT",
}

"""The dropout variants, by name: one file and one line here each."""

VARIANTS = {
    "none": "tuner.variants.none:VARIANT",
    "standard": "tuner.variants.standard:VARIANT",
    "spatial": "tuner.variants.spatial:VARIANT",
    "gaussian": "tuner.variants.gaussian:VARIANT",
    "alpha": "tuner.variants.alpha:VARIANT",
    "scheduled": "tuner.variants.scheduled:VARIANT",
}

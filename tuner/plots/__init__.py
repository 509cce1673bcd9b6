"""Results -> plots -> figures -> files. The plots by name: one function and one line here each.

Each is a function (results, finals) -> Plot, where `finals` are the results of the comparison
`<study>/compare`, or None; it raises NotEnoughDataError where the study has too little for it.
"""

PLOTS = {
    "metric_side_by_side": "tuner.plots.curves:metric_side_by_side",
    "metric_all": "tuner.plots.curves:metric_all",
    "loss_side_by_side": "tuner.plots.curves:loss_side_by_side",
    "value_by_rate": "tuner.plots.rate:value_by_rate",
    "learned_rates": "tuner.plots.rates:learned_rates",
    "variants": "tuner.plots.variants:variants",
    "history": "tuner.plots.history:history",
}

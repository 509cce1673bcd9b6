"""Rows -> figures -> files. The plots by name: one function and one line here each."""

PLOTS = {
    "metric_side_by_side": "tuner.plots.curves:metric_side_by_side",
    "metric_all": "tuner.plots.curves:metric_all",
    "loss_side_by_side": "tuner.plots.curves:loss_side_by_side",
    "value_by_rate": "tuner.plots.trials:value_by_rate",
    "learned_rates": "tuner.plots.rates:learned_rates",
    "variants": "tuner.plots.trials:variants",
    "history": "tuner.plots.trials:history",
}

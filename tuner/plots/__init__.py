"""Results -> plots -> figures -> files. The plots by name: one function and one line here each.

Each is a function (results, compared) -> Plot, where `compared` are the results of the comparison
`<study>/compare`, or None; it raises NotEnoughDataError where the study has too little for it.
"""

DEFAULT = {
    "answer": "tuner.plots.answer:answer",
    "value_by_rate": "tuner.plots.value_by_rate:value_by_rate",
    "learning_curves": "tuner.plots.learning_curves:learning_curves",
    "cost": "tuner.plots.cost:cost",
    "importance": "tuner.plots.importance:importance",
}
"""Those that are drawn unless others are named."""

PLOTS = DEFAULT | {
    "metric_side_by_side": "tuner.plots.curves:metric_side_by_side",
    "metric_all": "tuner.plots.curves:metric_all",
    "loss_side_by_side": "tuner.plots.curves:loss_side_by_side",
    "parallel_coordinates": "tuner.plots.parallel_coordinates:parallel_coordinates",
    "rate_by_width": "tuner.plots.rate_by_width:rate_by_width",
    "gap_by_rate": "tuner.plots.gap_by_rate:gap_by_rate",
    "history": "tuner.plots.history:history",
    "learned_rates": "tuner.plots.learned_rates:learned_rates",
    "pruning": "tuner.plots.pruning:pruning",
}

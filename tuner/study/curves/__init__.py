"""One statistical model over all trials of a study: curves of value by rate.

Ask `tuner.study.curves.fitting.fit(results)`.
"""

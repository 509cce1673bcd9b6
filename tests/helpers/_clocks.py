"""A clock to set, and studies that go on."""

from tuner.study.definition import StudyDefinition
from tuner.study.results import Results, TrialRow
from tuner.study.trial_queue import Counts


def row(number, state="COMPLETE", n_epochs=10, value=0.9, **more):
    params = {"variant": "standard", "rate": 0.5, "width": 64}
    return TrialRow(number, state, value, value, params, n_epochs=n_epochs, **more)


def study(*rows, budget=10):
    counts = Counts(
        complete=sum(r.state == "COMPLETE" for r in rows),
        pruned=sum(r.state == "PRUNED" for r in rows),
        failed=sum(r.state == "FAIL" for r in rows),
    )
    definition = StudyDefinition(name="mine", metric="accuracy")
    return Results(definition, counts, rows, {}, (), {"budget": budget})

"""What is sent between a store and its workers arrives as it was; nothing else is made of it."""

import json
import math
from datetime import datetime

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from tuner.storage import wire
from tuner.storage.lease import Lease
from tuner.storage.running import Running
from tuner.storage.tables import TrialRecord

VALUES = [
    None,
    [True, 0, -1, 2**62, 0.1, math.inf, -math.inf, 1e-320, "ü'\"\n", ""],
    {"a": {"$": "trial", "of": 3}, "$": [1]},
    {1: 0.5, 2: 0.25},
    {3, 1},
    datetime(2026, 1, 2, 3, 4, 5, 6),
    TrialState.PRUNED,
    Lease("host:1", "token", 15.0, "pid:[1]"),
    TrialRecord({"rate": (0.5, FloatDistribution(0.0, 0.8))}, {1: math.inf}, {"a": [1]}, {"b": 2}),
    Running(1, 0, None, 1.5, None),
    create_trial(
        state=TrialState.COMPLETE,
        value=math.inf,
        params={"v": "none", "r": 0.5},
        distributions={
            "v": CategoricalDistribution(("none", 1, True)),
            "r": FloatDistribution(0.0, 1.0),
        },
        user_attrs={"history": {"loss": [1.0]}},
        intermediate_values={1: 0.5, 7: math.inf},
    ),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_what_is_sent_arrives(value):
    assert wire.loads(wire.dumps(value)) == value


def test_no_number_arrives_as_none():
    assert math.isnan(wire.loads(wire.dumps({"x": math.nan}))["x"])


def test_what_has_no_meaning_there_is_not_sent():
    with pytest.raises(TypeError):
        wire.dumps(object())


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"$": "os.system", "of": "ls"}',
        '{"$": "Lease", "of": {"worker": "a"}}',
        '{"$": "trial", "of": {}}',
        '{"$": "TrialState", "of": "NONE"}',
        '{"$": "distribution", "of": "{\\"name\\": \\"Path\\", \\"attributes\\": {}}"}',
        '{"$": []}',
        json.dumps({"$": "dict", "of": [[{}, 1]]}),
        "[" * 100_000,
    ],
)
def test_what_nobody_sends_is_no_more_than_an_error(text):
    with pytest.raises(ValueError):  # noqa: PT011 (of the parser, or ours)
        wire.loads(text.encode())

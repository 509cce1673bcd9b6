"""What is said of a study in a line."""

import pytest
from _read_trials import read, trial

from tuner.study.summary import params_text, trial_text


@pytest.mark.parametrize(
    ("n", "text"), [(0, "rate 0.25"), (2, "learned 0.1 0.2"), (5, "learned 0.1 to 0.5 at 5 places")]
)
def test_learned_rates_are_said_in_few_words(n, text):
    rates = {f"rate_{place}": [(place + 1) / 10] for place in range(n)}
    row = read(trial("concrete", 0.7, history=rates)).trials[0]
    assert trial_text(row).endswith(text)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"variant": "none", "rate": 0.0, "width": 64}, "none, width 64"),
        ({"variant": "standard", "rate": 0.2, "width": 64}, "standard, rate 0.2, width 64"),
        (
            {"variant": "standard", "rate": 0.0, "width": 64},
            "standard at rate 0 (no dropout), width 64",
        ),
        ({"variant": "alpha", "rate": 0.0, "width": 64}, "alpha, rate 0, width 64"),
    ],
    ids=str,
)
def test_a_variant_that_drops_nothing_is_said_to_be_no_dropout(params, text):
    assert params_text(params) == text

"""What is said to do next, in the words of Python."""

import pytest

from tuner.api.wording import errors_in_python, in_python
from tuner.errors import UsageError


@pytest.mark.parametrize(
    ("command", "call"),
    [
        ("tuner compare mine trains the best", "study.compare() trains the best"),
        ("tuner compare mine --seeds 8 for an answer.", "study.compare(seeds=8) for an answer."),
        ("too few (tuner search a-b_1.2 --add 10).", "too few (tuner.search(..., add=10))."),
        ("tuner search mine --add 10: no trial", "tuner.search(..., add=10): no trial"),
        (
            "tuner report mine writes it; tuner claims mine what dropout did.",
            "study.report() writes it; study.claims() what dropout did.",
        ),
        ("not compared: tuner compare mine", "not compared: study.compare()"),
        ("0 and 1 (or --task regression)", '0 and 1 (or task="regression")'),
        ("--missing drop or impute", 'missing="drop" or impute'),
        ("an id: --ignore name leaves it out", "an id: ignore= name leaves it out"),
        ("give --name to start another", "give name= to start another"),
        ("the first is none: --no-header", "the first is none: header=False"),
        ("--test-rows are", "test_rows= are"),
        ("a -- b, x--y", "a -- b, x--y"),
        ("remove it with 'tuner delete mine'", "remove it with 'tuner delete mine'"),
    ],
)
def test_commands_are_calls(command, call):
    assert in_python(command) == call


def test_errors_say_what_to_call():
    with pytest.raises(UsageError, match=r"^not compared: study.compare\(\)$"), errors_in_python():
        raise UsageError("not compared: tuner compare mine")

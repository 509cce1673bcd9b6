"""Numbers and durations as people say them."""

from types import SimpleNamespace

from tuner.study.formatting import difference, duration, value


def test_durations_are_said_as_people_do():
    assert [duration(s) for s in (None, 5.4, 600, 7200)] == ["?", "5 s", "10 min", "2.0 h"]


def test_an_accuracy_is_said_to_be_no_less_than_0_and_no_more_than_1():
    found = SimpleNamespace(mean=0.2, low=-0.1, high=1.1)
    assert value(found, "accuracy") == "validation accuracy 20.0 % [0.0, 100.0]"


def test_an_error_is_said_to_be_no_less_than_0():
    found = SimpleNamespace(mean=1.9, low=-1.7, high=5.4)
    assert value(found, "rmse") == "validation rmse 1.9 [0, 5.4]"


def test_no_end_of_a_difference_is_less_than_0_by_nothing():
    found = SimpleNamespace(mean=0.019, low=-0.0001, high=0.04)
    assert difference(found, "accuracy") == "1.9 points [0.0, 4.0] better than"

"""Numbers and durations as people say them."""

from tuner.study.formatting import duration


def test_durations_are_said_as_people_do():
    assert [duration(s) for s in (None, 5.4, 600, 7200)] == ["?", "5 s", "10 min", "2.0 h"]

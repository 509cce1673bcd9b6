"""Engines by name, those of other packages too."""

import pytest
from _engines import bring

from tuner.errors import UsageError
from tuner.launch.engines import ENGINES, engine, names


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_can_do_what_all_can(name):
    made = engine(name)
    assert all(callable(getattr(made, each)) for each in ("start", "state", "stop", "render"))


def test_a_package_may_bring_one(tmp_path, monkeypatch, order):
    assert "paper" not in names()
    bring(tmp_path, monkeypatch)
    assert names() == [*ENGINES, "paper"]
    assert engine("paper").render(order(3)) == "3 on paper"


def test_the_nearest_name_is_said():
    with pytest.raises(UsageError, match="did you mean 'slurm'"):
        engine("slurn")

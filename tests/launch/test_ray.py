"""What Ray is asked for; the cluster itself is in tests/system/engines/test_ray.py."""

import sys

import pytest

from tuner.errors import UsageError
from tuner.launch.ray import Ray


def test_an_actor_has_the_resources_and_stays(order):
    said = Ray().render(order(8, cores=2, gpus=0.25, memory=2048, seconds=60, restarts="-1"))
    assert said.startswith("8 x Keeper.options(")
    for words in ("num_cpus=2", "num_gpus=0.25", "memory=2147483648", "lifetime='detached'"):
        assert words in said
    assert "max_restarts=-1" in said
    assert "'--max-time', '60'" in said


@pytest.mark.parametrize("restarts", ["many", "1.5", ""])
def test_what_is_no_number_of_restarts_is_refused(order, restarts):
    with pytest.raises(UsageError, match="expected a number"):
        Ray().start(order(restarts=restarts))


def test_without_the_package_the_extra_is_named(monkeypatch, order):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'dropout-tuner\[ray\]'"):
        Ray().start(order())

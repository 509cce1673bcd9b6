"""An order, and programs of engines that are none."""

import pytest
from _engines import Programs

from tuner.launch.engine import Order, Resources


@pytest.fixture
def programs(tmp_path, monkeypatch):
    return Programs(tmp_path / "bin", monkeypatch)


@pytest.fixture
def order(tmp_path):
    """Give an order for workers of `mine`."""

    def order(n=2, *, cores=1, gpus=0.0, memory=None, seconds=None, address=None, **settings):
        command, environment = ("worker", "mine"), {"TUNER_STORAGE": "postgresql://me@db/tuner"}
        resources = Resources(cores, gpus, memory, seconds)
        given = (command, environment, resources, tmp_path / "mine", address, settings)
        return Order("mine", n, *given)

    return order

"""A cluster of Ray, two nodes on this machine: its workers are struck by it, and a node goes."""

import os

import pytest
from _launched import Launched

ray = pytest.importorskip("ray", reason="no Ray here: pip install 'dropout-tuner[ray]'")
from ray.cluster_utils import Cluster  # noqa: E402

from tuner.launch.ray import NAMESPACE  # noqa: E402

pytestmark = [pytest.mark.zoo, pytest.mark.timeout(900)]
NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}


@pytest.fixture(scope="session")
def cluster():
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    cluster.add_node(**NODE)
    yield cluster
    cluster.shutdown()


@pytest.fixture
def launched(cluster, url, npz):
    launched = Launched("ray", url, npz, "--address", cluster.address)
    launched.start(2)
    yield launched
    launched.stop()


def struck(cluster, name):
    """Have Ray kill an actor, which it begins again."""
    ray.init(address=cluster.address, namespace=NAMESPACE, log_to_driver=False)
    try:
        ray.kill(ray.get_actor(name), no_restart=False)
    finally:
        ray.shutdown()


def test_forty_trials_end_once_whatever_ray_does(launched, cluster, capsys):
    def strikes():
        launched.start(1)  # there is room for two: it waits
        found = launched.states(capsys)
        assert [each["state"] for each in found] == ["running", "running", "waiting"]
        launched.strike("killed by Ray", lambda: struck(cluster, found[0]["worker"]))
        launched.wait(lambda: len(launched.alive()) == 2)
        launched.strike("killed", launched.kill)
        launched.wait(lambda: len(launched.alive()) == 2)
        launched.strike("stopped", launched.stop)
        launched.wait(lambda: launched.alive() == [])  # some may be handing theirs back
        launched.strike("out of time", run_out)

    def run_out():
        launched.start(1, "--time", "12s")
        launched.wait(lambda: {each["state"] for each in launched.states(capsys)} == {"ended"})

    launched.wait_for(2)
    launched.held(strikes)
    assert launched.n_finished() < 40
    launched.start(2)
    launched.wait_for(40)
    launched.wait(lambda: {each["state"] for each in launched.states(capsys)} == {"ended"})
    launched.check()

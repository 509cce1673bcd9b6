"""Ray: a worker is a detached actor; placement, restarts and autoscaling are Ray's."""

import contextlib
import logging
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tuner.errors import TunerError, UsageError
from tuner.launch.engine import Launch, Order, Worker, chosen
from tuner.launch.keeper import Keeper

NAMESPACE = "tuner"
_ANSWER = 5.0
"""Seconds that an actor has to say where it is; one that waits for a place does not."""

_PATIENCE = 30.0
"""Seconds for workers to hand their trials back."""

_SETTINGS = {"restarts": "10"}


class Ray:
    """A worker is an actor with a name of its own, which stays when this process leaves."""

    def start(self, order: Order) -> tuple[str, ...]:
        """Have Ray make the actors; where there is no room yet, they wait for it."""
        options, token = _options(order), secrets.token_hex(4)
        names = tuple(f"{order.study}-{token}-{index}" for index in range(order.n))
        given = (order.timed, dict(order.environment), str(Path.cwd()))
        with _connected(order.address) as ray:
            for name in names:
                ray.remote(Keeper).options(name=name, **options).remote(*given)
        return names

    def state(self, launch: Launch) -> list[Worker]:
        """Actors that have a place answer, those that wait for one do not; others have ended."""
        with _connected(launch.address) as ray:
            return _states(ray, launch)

    def stop(self, launch: Launch) -> None:
        """Tell the workers to end, and wait for them; what has no place yet goes at once."""
        with _connected(launch.address) as ray:
            for worker in _states(ray, launch):
                if worker.condition == "running":
                    ray.get_actor(worker.id, namespace=NAMESPACE).stop.remote()
                elif worker.condition == "waiting":
                    ray.kill(ray.get_actor(worker.id, namespace=NAMESPACE))
            until = time.monotonic() + _PATIENCE
            while _known(ray) & set(launch.ids) and time.monotonic() < until:
                time.sleep(0.2)

    def render(self, order: Order) -> str:
        """The actors, as Python."""
        said = ", ".join(f"{name}={value!r}" for name, value in _options(order).items())
        return f"{order.n} x Keeper.options({said}).remote({order.timed!r})"


def _options(order: Order) -> dict[str, Any]:
    """Those of an actor."""
    restarts, resources = chosen(order, _SETTINGS)["restarts"], order.resources
    if not restarts.removeprefix("-").isdigit():
        raise UsageError(f"--set restarts={restarts}: expected a number (-1: without end)")
    memory = {} if resources.memory is None else {"memory": resources.memory * 1024**2}
    return {
        "namespace": NAMESPACE,
        "lifetime": "detached",
        "num_cpus": resources.cores,
        "num_gpus": resources.gpus,
        "max_restarts": int(restarts),
        **memory,
    }


@contextlib.contextmanager
def _connected(address: str | None) -> Iterator[Any]:
    """Ray, while this process is a driver of the cluster."""
    try:
        import ray  # noqa: PLC0415 (only where it is asked for)
    except ImportError:
        raise UsageError("engine 'ray' needs an extra: pip install 'dropout-tuner[ray]'") from None
    where = address or "auto"
    try:
        given = {"namespace": NAMESPACE, "logging_level": logging.ERROR, "log_to_driver": False}
        ray.init(address=where, **given)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise TunerError(f"no Ray answers at {where!r}: {str(error).splitlines()[0]}") from None
    try:
        yield ray
    finally:
        ray.shutdown()


def _known(ray: Any) -> set[str]:
    """The names of the actors that are there, with a place or without."""
    found = ray.util.list_named_actors(all_namespaces=True)
    return {each["name"] for each in found if each["namespace"] == NAMESPACE}


def _states(ray: Any, launch: Launch) -> list[Worker]:
    known = _known(ray)
    asked = {
        ray.get_actor(name, namespace=NAMESPACE).place.remote(): name
        for name in launch.ids
        if name in known
    }
    ready, _ = ray.wait(list(asked), num_returns=len(asked), timeout=_ANSWER) if asked else ([], ())
    places = dict(_answers(ray, asked, ready))
    return [
        Worker(name, "running", places[name])
        if name in places
        else Worker(name, "waiting" if name in known else "ended")
        for name in launch.ids
    ]


def _answers(ray: Any, asked: dict[Any, str], ready: list[Any]) -> Iterator[tuple[str, str]]:
    for each in ready:
        with contextlib.suppress(ray.exceptions.RayActorError):  # it begins again, or has ended
            yield asked[each], ray.get(each)

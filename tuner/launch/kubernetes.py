"""Kubernetes, by kubectl: an indexed Job, a Deployment, or Jobs that KEDA makes of what waits."""

import json
import secrets
from typing import Any

import yaml

from tuner import __version__
from tuner.launch.asking import ask
from tuner.launch.engine import Condition, Launch, Order, Worker, chosen
from tuner.launch.manifests import objects
from tuner.launch.pods import LABEL

_SETTINGS = {
    "kind": "job",
    "image": f"tuner:{__version__}",
    "namespace": "",
    "secret": "tuner",
    "studies": "studies",
    "claim": "",
    "keep": "",
}
"""`secret` has the password of the store, `studies` is a ConfigMap, `claim` a volume for state, and
`keep` the number of workers that a drain of nodes leaves.
"""

_PHASES: dict[str, Condition] = {
    "Pending": "waiting",
    "Running": "running",
    "Succeeded": "ended",
    "Failed": "failed",
}
_WHAT = "--render prints what another machine's 'kubectl apply -f -' would take"


class Kubernetes:
    """A worker is a pod; `address` is a context of kubectl's."""

    def start(self, order: Order) -> tuple[str, ...]:
        """Apply the objects."""
        made = _made(order)
        ask([*_kubectl(order), "apply", "-f", "-"], text=_text(made), what=_WHAT)
        return tuple(f"{each['kind'].lower()}/{each['metadata']['name']}" for each in made)

    def state(self, launch: Launch) -> list[Worker]:
        """The pods that are there."""
        name = launch.ids[0].partition("/")[2]
        command = [*_kubectl(launch), "get", "pods", "-l", f"{LABEL}={name}", "-o", "json"]
        return [
            Worker(
                each["metadata"]["name"],
                _PHASES.get(each["status"].get("phase", ""), "waiting"),
                each["spec"].get("nodeName", ""),
            )
            for each in json.loads(ask(command, what=_WHAT))["items"]
        ]

    def stop(self, launch: Launch) -> None:
        """Delete the objects; each pod has a minute to hand its trial back."""
        ask(
            [*_kubectl(launch), "delete", "--ignore-not-found", "--wait=false", *launch.ids],
            what=_WHAT,
        )

    def render(self, order: Order) -> str:
        """The objects as YAML."""
        return _text(_made(order))


def _made(order: Order) -> list[dict[str, Any]]:
    return objects(order, chosen(order, _SETTINGS), secrets.token_hex(3))


def _text(made: list[dict[str, Any]]) -> str:
    text: str = yaml.safe_dump_all(made, sort_keys=False)
    return text


def _kubectl(given: Order | Launch) -> list[str]:
    namespace = given.settings.get("namespace")
    context = [] if given.address is None else [f"--context={given.address}"]
    return ["kubectl", *context, *([f"--namespace={namespace}"] if namespace else [])]

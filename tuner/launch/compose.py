"""The composition of docker-compose.yml, which brings a store of its own: its service `worker`."""

import json
from pathlib import Path
from typing import Any

from tuner.errors import TunerError, UsageError
from tuner.launch.asking import ask
from tuner.launch.engine import Condition, Launch, Order, Worker, chosen

_SETTINGS = {"file": "docker-compose.yml", "gpu_file": "docker-compose.gpu.yml", "project": ""}
_STATES: dict[str, Condition] = {
    "created": "waiting",
    "restarting": "waiting",
    "running": "running",
    "paused": "running",
    "removing": "ended",
}
"""Of the engine's words; `exited` and `dead` depend on the exit code."""


class Compose:
    """A worker is a container of the service `worker`; `address` is a context of docker's."""

    brings_store = True

    def start(self, order: Order) -> tuple[str, ...]:
        """Bring the composition up with so many workers; `init` puts the study into its store."""
        settings = self._checked(order)
        command = [*_compose(order, settings), "up", "--detach", "--no-recreate"]
        environment = {"TUNER_STUDY": order.study}
        if order.resources.memory is not None:
            environment["TUNER_MEMORY"] = f"{order.resources.memory}m"
        ask([*command, "--scale", f"worker={order.n}"], environment=environment, seconds=1800)
        return ("worker",)

    def state(self, launch: Launch) -> list[Worker]:
        """The containers of the service."""
        settings = {**_SETTINGS, **launch.settings}
        found = ask([*_compose(launch, settings), "ps", "--all", "--quiet", "worker"]).split()
        if not found:
            return []
        rows = json.loads(ask([*_docker(launch.address), "inspect", *found]))
        return [Worker(row["Name"].lstrip("/"), _condition(row["State"])) for row in rows]

    def stop(self, launch: Launch) -> None:
        """Stop the workers; database and dashboard stay."""
        ask([*_compose(launch, {**_SETTINGS, **launch.settings}), "stop", "worker"])

    def render(self, order: Order) -> str:
        """The composition as it would be brought up."""
        settings = self._checked(order)
        return ask([*_compose(order, settings), "config"])

    def _checked(self, order: Order) -> dict[str, str]:
        settings = chosen(order, _SETTINGS)
        if order.resources.cores > 1 or order.resources.seconds is not None:
            raise UsageError("--cores, --time: the file of the composition says what a worker has")
        for name in ("file", *(["gpu_file"] if order.resources.gpus else [])):
            if not Path(settings[name]).is_file():
                raise UsageError(f"there is no {settings[name]} here: --set {name}=PATH")
        return {**settings, "gpus": "yes" if order.resources.gpus else ""}


def _condition(state: dict[str, Any]) -> Condition:
    return _STATES.get(state["Status"], "failed" if state["ExitCode"] else "ended")


def _compose(given: Order | Launch, settings: dict[str, str]) -> list[str]:
    files = ["--file", settings["file"]]
    if settings.get("gpus"):
        files += ["--file", settings["gpu_file"]]
    project = ["--project-name", settings["project"]] if settings["project"] else []
    return [*_program(given.address), *project, *files]


def _program(context: str | None) -> list[str]:
    """Docker's plug-in, or the program that came before it."""
    try:
        ask(["docker", "compose", "version"], what="install Docker Engine")
    except TunerError as error:
        if context is not None or "no 'docker'" in str(error):
            raise
        return ["docker-compose"]
    return [*_docker(context), "compose"]


def _docker(context: str | None) -> list[str]:
    return ["docker", *([] if context is None else ["--context", context])]

"""The options that say where workers run, for the commands that start some."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from tuner.cli import completing
from tuner.cli.options import option, positive, several

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tuner.launch.engine import Order

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_MEGABYTES = {"": 1, "M": 1, "G": 1024, "T": 1024**2}


class Amount(click.ParamType[int]):
    """A whole number with a unit -> how many of the first unit of the table."""

    def __init__(self, name: str, units: Mapping[str, int]) -> None:
        self.name, self._units = name, units

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """`90m` -> 5400."""
        found = re.fullmatch(r"(\d{1,7})([A-Za-z]?)", str(value))
        if found is None or found[2] not in self._units or not int(found[1]):
            units = ", ".join(unit for unit in self._units if unit)
            self.fail(f"{value!r} is no number with a unit of {units}", param, ctx)
        return int(found[1]) * self._units[found[2]]


_OPTIONS = (
    option("--workers", type=click.IntRange(1, 100_000), help="So many of them (default: 1)."),
    option("--cores", type=positive, help="Cores of each (default: 1)."),
    option("--gpus", type=click.FloatRange(0), help="GPUs of each; 0.5: two share one."),
    option("--memory", type=Amount("size", _MEGABYTES), help="Memory of each: 4G, 512M."),
    option("--time", type=Amount("time", _SECONDS), help="Time of each: 2h, 90m, 1d."),
    option("--address", help="The engine, if another than here answers: see docs/scaling.md."),
    option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="A setting of the engine's own, such as partition=gpu (repeatable).",
    ),
)


@dataclass(frozen=True)
class Placing:
    """What the command line says of workers and where they run."""

    on: str | None
    workers: int | None
    cores: int | None
    gpus: float | None
    memory: int | None
    time: int | None
    address: str | None
    settings: tuple[str, ...]

    def refuse(self, why: str) -> None:
        """Raise UsageError where the command line describes workers that are not started."""
        source = click.get_current_context().get_parameter_source
        others = [each.name for each in fields(self) if each.name != "on"]
        given = [name for name in others if source(name) is ParameterSource.COMMANDLINE]
        if given:
            names = ["--set" if name == "settings" else f"--{name}" for name in given]
            raise click.UsageError(f"{', '.join(names)}: {why}")

    def order(self, study: str, folder: "Path", url: str, flags: "Sequence[str]") -> "Order":
        """What an engine is asked for. Raises UsageError where a setting has no value."""
        from tuner.launch import order
        from tuner.launch.engine import Resources

        resources = Resources(self.cores or 1, self.gpus or 0.0, self.memory, self.time)
        return order.order(
            study,
            self.workers or 1,
            url,
            resources,
            folder,
            flags=flags,
            address=self.address,
            settings=_settings(self.settings),
        )


def _settings(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise click.BadParameter(f"{name!r}: expected NAME=VALUE", param_hint="--set")
    return {name: value for name, _, value in pairs}


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say where workers run."""
    on = option("--on", metavar="ENGINE", shell_complete=completing.engines, help=_ON)
    return several(command, (on, *_OPTIONS))


_ON = "Where workers run: local, slurm, ray, kubernetes, compose, or an engine of a package."

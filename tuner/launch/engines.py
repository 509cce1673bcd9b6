"""The engines by name: those here, and those that other packages bring."""

from importlib.metadata import entry_points

from tuner import importer
from tuner.errors import UsageError, unknown
from tuner.launch.engine import Engine

GROUP = "tuner.engines"
"""The entry points of packages that bring an engine: name -> a class without arguments."""

ENGINES = {
    "local": "tuner.launch.local:Local",
    "slurm": "tuner.launch.slurm:Slurm",
    "ray": "tuner.launch.ray:Ray",
    "kubernetes": "tuner.launch.kubernetes:Kubernetes",
    "compose": "tuner.launch.compose:Compose",
}


def names() -> list[str]:
    """Of all engines."""
    return [*ENGINES, *(each.name for each in entry_points(group=GROUP))]


def engine(name: str) -> Engine:
    """The engine of a name. Raises UsageError where there is none, or it does not load."""
    known = {each.name: each.value for each in entry_points(group=GROUP)} | ENGINES
    if name not in known:
        raise UsageError(unknown("engine", name, known))
    made: Engine = importer.load(known[name])()
    return made

"""What workers of a study are told, whatever engine starts them."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tuner.launch.engine import Order, Resources

_OURS = "TUNER_"


def order(
    study: str,
    n: int,
    url: str,
    resources: Resources,
    folder: Path,
    *,
    flags: Sequence[str] = (),
    address: str | None = None,
    settings: Mapping[str, str],
) -> Order:
    """`n` workers for a study of the store at `url`, which no command line shows.

    `flags` are options of `tuner worker`.
    """
    environment = {name: value for name, value in os.environ.items() if name.startswith(_OURS)}
    environment |= {"TUNER_STORAGE": url, "LOKY_MAX_CPU_COUNT": str(resources.cores)}
    if not float(resources.gpus).is_integer():
        environment["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"  # the others need memory, too
    command = ("worker", study, *flags)
    return Order(study, n, command, environment, resources, folder, address, settings)

"""Ask the program of an engine, and say what it answered where it fails."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from tuner.errors import TunerError, printable

_SECONDS = 120.0


def ask(
    command: Sequence[str],
    *,
    text: str | None = None,
    environment: Mapping[str, str] | None = None,
    what: str = "",
    seconds: float = _SECONDS,
) -> str:
    """What a program prints, with `text` as its input and `environment` over that of this process.

    Raises TunerError where it is missing (then `what` says how to get it), fails, or is silent for
    `seconds`.
    """
    try:
        done = subprocess.run(  # noqa: S603 (a program of the engine's)
            command,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except FileNotFoundError:
        said = f"there is no {command[0]!r} on this machine"
        raise TunerError(f"{said}: {what}" if what else said) from None
    except subprocess.TimeoutExpired:
        raise TunerError(f"{command[0]} has not answered for {seconds:.0f} s") from None
    if done.returncode:
        said = printable(done.stderr or done.stdout)[-500:]
        raise TunerError(f"{' '.join(command[:2])} failed ({done.returncode}): {said}")
    return done.stdout

"""What the commands say to do next, in the words of Python."""

import contextlib
import re
from collections.abc import Iterator

from tuner.errors import TunerError

_COMMAND = re.compile(
    r"tuner (search|compare|report|claims) (?:[\w.-]*\w)((?: --[a-z]+ \d+)*)", re.ASCII
)
_NUMBER = re.compile(r" --([a-z]+) (\d+)")
_VALUES = "classification|regression|multilabel|drop|impute|numeric|parts|ordered|text"
_OPTION = re.compile(rf"(?<![\w-])--(no-)?([a-z][a-z-]*)(?: ({_VALUES})\b)?")


def in_python(text: str) -> str:
    """`tuner compare mine --seeds 8` as `study.compare(seeds=8)`, wherever it is in a text.

    An option that stands alone, as `--task regression` or `--ignore`, is the keyword of its name.
    """
    return _OPTION.sub(_keyword, _COMMAND.sub(_call, text))


@contextlib.contextmanager
def errors_in_python() -> Iterator[None]:
    """Have the errors of this block say what to call, not what to type."""
    try:
        yield
    except TunerError as error:
        error.args = (in_python(str(error)),)
        raise


def _call(found: re.Match[str]) -> str:
    options = [f"{name}={number}" for name, number in _NUMBER.findall(found[2])]
    if found[1] == "search":
        return f"tuner.search({', '.join(['...', *options])})"
    return f"study.{found[1]}({', '.join(options)})"


def _keyword(found: re.Match[str]) -> str:
    name = found[2].replace("-", "_")
    return f"{name}=False" if found[1] else f'{name}="{found[3]}"' if found[3] else f"{name}="

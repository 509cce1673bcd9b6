"""Records of a long run, a line of JSON each: whoever ends it loses none, and it goes on there."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def read(path: Path, kind: Callable[..., T]) -> list[T]:
    """The records of a file, nothing where there is none; a line that was cut is left out."""
    texts = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [kind(**found) for text in texts if (found := _parsed(text)) is not None]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def append(path: Path, record: Any) -> None:
    """One more line."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(asdict(record))}\n")

"""A search in Python that is refused: it leaves no file, and speaks of what the caller gave."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tuner.api.wording import in_python
from tuner.errors import TunerError


@contextlib.contextmanager
def undone(folder: Path) -> Iterator[Callable[[], None]]:
    """Remove what is written into a folder in this block if it fails, unless told that it stays."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    before, stays = _files(folder), False

    def stay() -> None:
        nonlocal stays
        stays = True

    try:
        yield stay
    except BaseException:
        if not stays:
            for path in _files(folder) - before:
                path.unlink(missing_ok=True)
            for each in missing:
                with contextlib.suppress(OSError):  # somebody else's files are there by now
                    each.rmdir()
        raise


@contextlib.contextmanager
def in_words(words: Mapping[str, str]) -> Iterator[None]:
    """Have the errors of this block say what a caller calls it where they name a file of ours.

    What to do about them is said in Python.
    """
    try:
        yield
    except TunerError as error:
        text = str(error)
        for name, word in words.items():
            text = text.replace(name, word)
        error.args = (in_python(text),)
        raise


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.glob("*") if path.is_file()}

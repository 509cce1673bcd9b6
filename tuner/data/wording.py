"""What is said of columns: a line for those of which the same is to say."""

from collections.abc import Iterator, Mapping

from tuner.errors import listed


def by_column(said: Mapping[str, str]) -> Iterator[str]:
    """The lines of what is said of columns, by their names; of nothing there is none."""
    for what in dict.fromkeys(filter(None, said.values())):
        names = [repr(name) for name, text in said.items() if text == what]
        yield f"column{'s' * (len(names) > 1)} {listed(names, 12)}: {what}"

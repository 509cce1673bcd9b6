"""Files of tables, written and read."""

from tuner.data.files import read
from tuner.data.settings import TableSettings


def opened(folder, content, name="t.csv", target=None, **said):
    """The raw data of a file of that content, text or bytes."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, target, TableSettings(**said))

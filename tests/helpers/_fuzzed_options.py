"""Command lines that nobody means: every option of every command, with wild values."""

import click
from _fuzzed_bytes import NAMES
from _fuzzing import Case
from hypothesis import strategies as st

from tuner.cli.main import cli

_SERVES = ("dashboard", "worker")
"""They stay, where nothing is wrong."""

_NEVER = ("--watch", "--verdict", "--help", "-h", "--mlflow", "--tensorboard", "--verbose", "-v")
"""What stays, trains, or belongs to other programs."""

_FILES = {
    "a folder/x": b"",
    "empty": b"",
    "empty.toml": b"",
    "bad.toml": b"x = [",
    "bytes.csv": b"\xff\xfe\0",
    "bad.keras": b"PK\x03\x04",
    "bad.db": b"SQLite format 3\0" + b"x" * 200,
    "module_of_mine.py": b"def build():\n    raise RuntimeError('mine')\nNONE = None\n",
}
_NAMES = [
    *(
        "mine",
        "mine",
        "mine",
        "min",
        "three.npz",
        "digits",
        "mlp",
        "cnn",
        "text",
        "accuracy",
        "rmse",
    ),
    *("standard", "gaussian", "none", "concrete", "tpe", "grid", "curves", "random", "ordered"),
    *("x", "y", "a", ",", "utf-8", "drop", "4x4", "0x4", "png", "png,svg", "cost", "answer"),
    *("module_of_mine:build", "module_of_mine:NONE", "module_of_mine:x", "no_such:x", "json:dumps"),
    *(".", "..", "a folder", "empty", "empty.toml", "bad.toml", "bytes.csv", "bad.keras", "bad.db"),
    *("no/such/file.csv", "no/such/folder", "no such.toml", "/dev/null", "/proc/self/mem"),
]
_NUMBERS = [
    "0",
    "1",
    "2",
    "-1",
    "3",
    "8",
    "1e3",
    "0.5",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "10000001",
    str(2**63),
    "9" * 400,
    "½",
    "٣",
]
_URLS = [
    *(
        "sqlite:///studies/tuner.db",
        "sqlite:///no/such/x.db",
        "sqlite:///bad.db",
        "sqlite:///empty",
    ),
    *(
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///a folder",
        "sqlite:///studies/tuner.db?mode=ro",
    ),
    *(
        "sqlite:///file:studies/tuner.db?mode=ro&uri=true",
        "sqlite:///x?timeout=a",
        "mysql://x",
        "x://y",
        "",
        "redis://h",
    ),
    *(
        "postgresql://u:p@127.0.0.1:1/x",
        "postgresql://[::1",
        "postgresql://h:port/x",
        "postgresql+asyncpg://h/x",
        "http://h",
    ),
    *(
        "sqlite+pysqlite:///studies/tuner.db",
        "sqlite+aiosqlite:///x.db",
        "oracle://h/x",
        "journal.log",
        "studies/tuner.db",
    ),
]
_words = st.one_of(
    st.sampled_from(_NAMES),
    st.sampled_from(_NUMBERS),
    NAMES,
    st.sampled_from(_URLS),
    st.text(max_size=8),
).filter(lambda word: word not in ("mnist", "cifar10", "fashion_mnist"))


def _value(option):
    """A value that may fit, or a wild one."""
    fitting = _words
    if isinstance(option.type, click.Choice):
        fitting = st.sampled_from(list(option.type.choices))
    elif isinstance(option.type, (click.IntRange, click.FloatRange)) or option.type in (
        click.INT,
        click.FLOAT,
    ):
        fitting = st.one_of(st.integers(0, 5).map(str), st.sampled_from(_NUMBERS))
    elif option.name == "storage":
        fitting = st.sampled_from(_URLS)
    return st.one_of(fitting, fitting, _words)


@st.composite
def _given(draw, option):
    """An option as it is written, and its values."""
    name = draw(st.sampled_from([*option.opts, *option.secondary_opts]))
    n = 0 if option.is_flag else option.nargs
    values = [draw(_value(option)) for _ in range(n)]
    if n == 1 and name.startswith("--") and draw(st.integers(0, 4)) == 0:
        return [f"{name}={values[0]}"]
    return [name, *values]


def _is_ours(option):
    return isinstance(option, click.Option) and not set(option.opts) & set(_NEVER)


@st.composite
def _lines(draw):
    name = draw(st.sampled_from([name for name in cli.commands if name not in _SERVES]))
    command = cli.commands[name]
    words = []
    for argument in (each for each in command.params if isinstance(each, click.Argument)):
        few = st.sampled_from(["mine", "mine", "mine", "noisy_digits", "0", "1"])
        words += draw(st.lists(st.one_of(few, _words), max_size=2 if argument.nargs < 0 else 1))
    options = [each for each in command.params if _is_ours(each)]
    for option in draw(st.lists(st.sampled_from(options), max_size=3)) if options else []:
        words += draw(_given(option))
    if name in ("search", "compare"):
        words.insert(draw(st.integers(0, len(words))), "--dry-run")
    if name in _SERVES:
        words += [draw(_words)]
    return (name, *words)


def command_lines():
    """Commands where `mine` has been searched, among files that are none of ours."""
    strange = st.lists(_words, max_size=4).filter(lambda w: w[:1] and w[0] not in cli.commands)
    lines = st.one_of(_lines(), _lines(), _lines(), _lines(), strange.map(tuple))
    return lines.map(lambda line: Case(line, _FILES))

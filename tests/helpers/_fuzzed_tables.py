"""Tables that nobody means: text, lines of JSON, Arrow and sheets with wild cells."""

import datetime as dt
import decimal
import io
import json

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
from _fuzzed_bytes import NAMES
from _images import image, png
from _sheets import sheet
from hypothesis import strategies as st

_WORDS = [
    *("", " ", "a", "b", "x", "?", "NA", "nan", "NaN", "None", "null", "inf", "-inf", "1e999", "-"),
    *("1", "0", "2", "1.5", "1,5", "1.234,5", "1 000", "50%", "$5", "0x10", "007", "1e5", "1_000"),
    *("2020-01-01", "01/02/2020", "2020-13-45", "12:30", "20200101", "1577836800", "9999-12-31"),
    *(
        "true",
        "False",
        "yes",
        "train",
        "test",
        "validation",
        "\0",
        "\x1b[31m",
        "a.png",
        "ä",
        '"',
        "'",
    ),
    *("1e308", "-1e308", "123456789012345678901234567890", "1e-320", "=1+1", "#", "//", "\u202e"),
]
CELLS = st.one_of(
    st.sampled_from(_WORDS), st.text(max_size=6), st.integers().map(str), st.floats().map(str)
)
_columns = st.one_of(
    st.sampled_from(
        [
            lambda i: str(i % 3),
            str,
            lambda i: f"{i / 7:.3f}",
            lambda i: "ab"[i % 2],
            lambda i: f"name {i}",
            lambda i: f"2020-01-{i % 28 + 1:02d}",
            lambda i: "",
            lambda i: "1",
            lambda i: f"{i},5",
            lambda i: f"{i}%",
            lambda i: ["train", "validation", "test"][i % 3],
            lambda i: f"img/{i % 4}.png",
        ]
    )
)
LENGTHS = st.one_of(st.integers(0, 6), st.sampled_from([20, 40, 60]))


@st.composite
def rows_of_text(draw):
    """Cells of text by rows, with a header, of which some are wild."""
    columns, n = draw(st.lists(_columns, max_size=5)), draw(LENGTHS)
    rows = [[make(i) for make in columns] for i in range(n)]
    for _ in range(draw(st.integers(0, 4))):
        if n and columns:
            row = rows[draw(st.integers(0, n - 1))]
            row[draw(st.integers(0, len(columns) - 1)) % max(1, len(row)) :] = draw(
                st.lists(CELLS, min_size=1, max_size=len(columns) + 1)
            )
    names = st.one_of(st.sampled_from(["a", "b", "y", "id", "date", "path", "weight"]), NAMES)
    header = [draw(names) for _ in columns]
    return [header, *rows] if draw(st.integers(0, 5)) else rows


@st.composite
def delimited(draw):
    sign = draw(st.sampled_from([",", ",", ",", ";", "\t", "|", " ", ":", "\0"]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r", "\n\n", ""]))
    quote = draw(st.sampled_from(["", "", '"']))
    lines = [sign.join(f"{quote}{cell}{quote}" for cell in row) for row in draw(rows_of_text())]
    code = draw(
        st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "latin1", "utf-16", "utf-32", "cp037"])
    )
    return end.join(lines).encode(code, "replace") + draw(st.sampled_from([b"", b"\n", b"\n\n"]))


_json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(_WORDS)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=2)),
    max_leaves=5,
)


@st.composite
def lines_of_json(draw):
    names = draw(st.lists(st.one_of(st.sampled_from("abxy"), NAMES), max_size=4))
    rows = [{name: i % (k + 2) for k, name in enumerate(names)} for i in range(draw(LENGTHS))]
    for _ in range(draw(st.integers(0, 3))):
        rows.insert(
            draw(st.integers(0, len(rows))),
            draw(
                st.one_of(
                    _json_values, st.dictionaries(st.sampled_from(names or ["a"]), _json_values)
                )
            ),
        )
    if draw(st.booleans()):
        return json.dumps(rows).encode()
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


_MADE = [
    lambda i: i,
    lambda i: i % 2,
    lambda i: i / 3,
    lambda i: None,
    lambda i: None if i % 5 == 0 else i,
    lambda i: "ab"[i % 2],
    lambda i: f"n{i}",
    lambda i: b"\xff\x00",
    lambda i: [i, i + 1],
    lambda i: [i] * (i % 3),
    lambda i: [[1.0], [2.0]],
    lambda i: {"a": i, "b": "c"},
    lambda i: {"bytes": png(image(i % 200)), "path": None},
    lambda i: decimal.Decimal(i) / 4,
    lambda i: dt.datetime(2020, 1, 1) + dt.timedelta(days=i),
    lambda i: dt.date(1, 1, 1),
    lambda i: dt.time(12, i % 60),
    lambda i: dt.timedelta(seconds=i),
    lambda i: True,
    lambda i: float("nan"),
    lambda i: float("inf") if i == 3 else 1.0,
    lambda i: 2**63 - 1 - i,
    lambda i: "\x1b[31m\0",
]


@st.composite
def arrow_tables(draw):
    n = draw(LENGTHS)
    makers = draw(st.lists(st.sampled_from(_MADE), max_size=5))
    columns = [pa.array([make(i) for i in range(n)]) for make in makers]
    if columns and pa.types.is_string(columns[0].type) and draw(st.booleans()):
        columns[0] = columns[0].dictionary_encode()
    names = [
        draw(st.one_of(st.sampled_from(["a", "b", "image", "label", "y"]), NAMES)) for _ in columns
    ]
    return pa.table(columns, names=[name.encode("utf-8", "replace").decode() for name in names])


def as_parquet(table):
    file = io.BytesIO()
    pa.parquet.write_table(table, file)
    return file.getvalue()


def as_feather(table):
    file = io.BytesIO()
    pa.feather.write_feather(table, file)
    return file.getvalue()


def as_stream(table):
    file = io.BytesIO()
    with pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


def as_sheet(rows):
    clean = [["".join(c for c in v if c.isalnum() or c in " .,-") for v in row] for row in rows]
    return sheet([[int(v) if v.isdecimal() and v.isascii() else v for v in row] for row in clean])

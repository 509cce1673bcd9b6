"""Bytes with holes: cut, doubled, moved, overwritten."""

from hypothesis import strategies as st

SIGNS = [
    b"\0",
    b"\xff",
    b"\r",
    b"\n",
    b'"',
    b"'",
    b",",
    b";",
    b"[",
    b"]",
    b"{",
    b"=",
    b"-",
    b"\xef\xbb\xbf",
    b"1e999",
]
NAMES = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "a",
            "none",
            "x" * 300,
            "../..",
            "/",
            "a:b",
            "ä",
            "\N{SNOWMAN}",
            "-",
            "--",
            "\x1b[31m",
        ]
    ),
    st.text(max_size=12),
)
"""Names that nobody means."""


@st.composite
def damaged(draw, contents):
    """One of these contents with up to four holes."""
    content = draw(contents)
    for _ in range(draw(st.integers(1, 4))):
        content = draw(st.sampled_from(_HOLES))(draw, content)
    return content


def _place(draw, content):
    return draw(st.integers(0, len(content)))


def _cut(draw, content):
    return content[: _place(draw, content)]


def _slice(draw, content):
    begin, end = sorted((_place(draw, content), _place(draw, content)))
    return begin, min(end, begin + 50)


def _without(draw, content):
    begin, end = _slice(draw, content)
    return content[:begin] + content[end:]


def _doubled(draw, content):
    begin, end = _slice(draw, content)
    return content[:end] + content[begin:end] * draw(st.integers(1, 3)) + content[end:]


def _with(draw, content):
    begin = _place(draw, content)
    sign = draw(st.one_of(st.sampled_from(SIGNS), st.binary(max_size=4)))
    return content[:begin] + sign + content[begin:]


def _flipped(draw, content):
    if not content:
        return content
    begin = draw(st.integers(0, len(content) - 1))
    return content[:begin] + bytes([draw(st.integers(0, 255))]) + content[begin + 1 :]


_HOLES = (_cut, _without, _doubled, _with, _flipped, _flipped)

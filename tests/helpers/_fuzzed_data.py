"""Data files that nobody means, of every format, whole and damaged, and commands that read them."""

import bz2
import gzip
import lzma
from functools import partial

from _fuzzed_arrays import arrays, as_npy, as_npz
from _fuzzed_bytes import damaged
from _fuzzed_tables import (
    CELLS,
    arrow_tables,
    as_feather,
    as_parquet,
    as_sheet,
    as_stream,
    delimited,
    lines_of_json,
    rows_of_text,
)
from _fuzzing import Case
from _images import GIF, bmp, image, jpg, png
from hypothesis import strategies as st

from tuner.data.files import SUFFIXES

_BYTES = {
    ".csv": delimited(),
    ".tsv": delimited(),
    ".txt": delimited(),
    ".jsonl": lines_of_json(),
    ".json": lines_of_json(),
    ".npz": arrays().map(as_npz),
    ".parquet": arrow_tables().map(as_parquet),
    ".feather": arrow_tables()
    .filter(lambda t: len(set(t.column_names)) == t.num_columns)
    .map(as_feather),
    ".arrow": arrow_tables().map(as_stream),
    ".xlsx": rows_of_text().map(as_sheet),
}
_PACKED = {
    "": bytes,
    ".gz": partial(gzip.compress, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


@st.composite
def _one_file(draw):
    suffix = draw(st.sampled_from(list(_BYTES)))
    content = draw(
        st.one_of(_BYTES[suffix], _BYTES[suffix], damaged(_BYTES[suffix]), st.binary(max_size=60))
    )
    if draw(st.integers(0, 9)) == 0:
        suffix = draw(st.sampled_from(SUFFIXES))
    packed = draw(st.sampled_from(["", "", "", "", *_PACKED]))
    content = _PACKED[packed](content)
    if packed and draw(st.booleans()):
        content = draw(damaged(st.just(content)))
    name = f"d{suffix}{packed}"
    return name, {name: content}


_pictures = st.one_of(
    st.builds(
        lambda v, c, h: png(image(v, (h, 5), c)),
        st.integers(0, 255),
        st.sampled_from([1, 3, 4]),
        st.integers(1, 5),
    ),
    st.builds(lambda v: jpg(image(v)), st.integers(0, 255)),
    st.just(bmp(image(3))),
    st.just(GIF),
)


@st.composite
def _folder(draw):
    """Images in folders of their classes, or arrays."""
    if draw(st.integers(0, 2)) == 0:
        found = draw(arrays())
        files = {
            f"d/{name.replace('/', '_') or 'e'}.npy": as_npy(array) for name, array in found.items()
        }
    else:
        same = draw(_pictures)
        classes = draw(
            st.sampled_from(
                [("cat", "dog"), ("train/a", "train/b", "test/a", "test/b"), ("a",), ("", "b")]
            )
        )
        end = draw(st.sampled_from([".png", ".jpg", ".gif", ".bmp", ".PNG", ".txt"]))
        files = {
            f"d/{c}/{i}{end}": same
            for c in classes
            for i in range(draw(st.sampled_from([1, 6, 8])))
        }
        if draw(st.booleans()):
            files[draw(st.sampled_from(sorted(files)))] = draw(
                st.one_of(damaged(_pictures), _pictures)
            )
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(files) or ["d/a"]))
        files[name] = draw(damaged(st.just(files.get(name, b""))))
    return "d", files


@st.composite
def _image_table(draw):
    rows = [[f"img/{i % 4}.png", "ab"[i % 2]] for i in range(40)]
    files = {
        f"img/{i}.png": draw(st.one_of(_pictures, damaged(_pictures))) if i == 0 else png(image(i))
        for i in range(draw(st.sampled_from([3, 4, 4])))
    }
    if draw(st.booleans()):
        rows[draw(st.integers(0, 39))][0] = draw(CELLS)
    text = "\n".join(",".join(row) for row in [["path", "y"], *rows])
    return "t.csv", {**files, "t.csv": text.encode("utf-8", "replace")}


_MODELS = ["mlp", "mlp", "mlp", "cnn", "text"]
_options = st.one_of(
    st.sampled_from(
        [
            ("--missing", "drop"),
            ("--missing", "impute"),
            ("--dates", "parts"),
            ("--dates", "numeric"),
            ("--dates", "drop"),
            ("--no-header",),
            ("--header",),
            ("--task", "classification"),
            ("--task", "regression"),
            ("--task", "multilabel"),
            ("--split", "ordered"),
            ("--order-by", "a"),
            ("--group", "b"),
            ("--split-column", "b"),
            ("--folds", "3"),
            ("--image-size", "3x4"),
            ("--no-standardize",),
            ("--standardize",),
            ("--decimal", ","),
            ("--metric", "auc"),
            ("--metric", "rmse"),
            ("--metric", "r2"),
        ]
    ),
    st.tuples(
        st.sampled_from(["--target", "--ignore", "--category"]),
        st.sampled_from(["a", "b", "y", "0"]),
    ),
    st.tuples(st.just("--separator"), st.sampled_from([",", ";", "tab", "pipe", "space", "x"])),
    st.tuples(
        st.just("--encoding"),
        st.sampled_from(["utf-8", "latin1", "utf-16", "cp1252", "rot13", "x"]),
    ),
)


def data_files():
    """Commands that read such data, in one file or a folder."""
    whole = st.one_of(_one_file(), _one_file(), _one_file(), _one_file(), _folder(), _image_table())
    plans = st.sampled_from([("submit",), ("submit",), ("submit",), ("search", "--dry-run")])

    def case(found, plan, model, options):
        name, files = found
        more = [word for option in options for word in option]
        return Case(
            (*plan, "--data", name, "--model", model, "--epochs", "1", "--width", "4", *more), files
        )

    return st.builds(
        case,
        whole,
        plans,
        st.sampled_from(_MODELS),
        st.one_of(st.just([]), st.lists(_options, max_size=2)),
    )

"""Study files that nobody means: tables of our keys with wild values, and files with holes."""

import copy
import datetime as dt
import tomllib

import tomli_w
from _fuzzed_bytes import NAMES, damaged
from _fuzzing import Case
from _places import ROOT
from hypothesis import strategies as st

from tuner.schema import KINDS, VARIANTS
from tuner.study.definition import SECTIONS, StudyDefinition

_OWN = b"""import keras
from keras import layers


def build(params, spec):
    hidden = layers.Dense(params.get("width", 4), "relu")
    return keras.Sequential([
        layers.Input(spec.input_shape), layers.Flatten(), hidden,
        layers.Dropout(params.get("rate", 0.1)), layers.Dense(3, "softmax"),
    ])
"""
_TABLE = "\n".join(["a,day,b,y", *(f"{i * 7 % 11},{i},{i % 4},{i % 3}" for i in range(60))])
_SOURCES = [
    ("three.npz", "mlp"),
    ("table.csv", "mlp"),
    ("images.npz", "cnn"),
    ("three.npz", "own:build"),
]
_REAL = [
    {"space": {"depth": 1}} | tomllib.loads(path.read_text()) | {"data": data, "model": model}
    for path in sorted((ROOT / "studies").glob("*.toml"))
    for data, model in _SOURCES
]
_NUMBERS = [0, -1, 1, 2, 3, -5, 8, 300, 10**7, 10**7 + 1, 2**31, 2**63 - 1, 2**63, 10**21]
_FLOATS = [0.0, -0.0, 0.5, 1.0, 1.5, -1e-9, 1e-320, 1e308, float("nan"), float("inf")]
_WORDS = [
    *("mlp", "cnn", "text", "digits", "three.npz", "adam", "sgd", "tpe", "grid", "qmc", "nsgaii"),
    *("random", "ordered", "median", "none", "curves", "accuracy", "nll", "rmse", "auc", "top_5"),
    *("top_k", "hyperband", "successive_halving", "classification", "regression", "multilabel"),
    *("own", "balanced", "keep", "minimize", "drop", "impute", "parts", "pixels", "x", "y"),
    *("utf-16", "rot13", "4x4", "0x0", "no.such:function", ":", "a.toml", ".", *VARIANTS),
]
_AXES = [
    *(
        "variant",
        "rate",
        "input_rate",
        "width",
        "depth",
        "learning_rate",
        "batch_size",
        "optimizer",
    ),
    *("per_site_rate", "low", "high", *(f"rate.{kind}" for kind in KINDS), *VARIANTS),
    *("shape", "cutoff", "length_scale", "target_share", "temperature", "tau", "epsilon"),
]


def _without_downloads(name):
    """A data set that has to be fetched is no input of ours."""
    return name not in ("mnist", "fashion_mnist", "cifar10")


_scalars = st.one_of(
    st.sampled_from(_NUMBERS),
    st.sampled_from(_FLOATS),
    st.booleans(),
    st.sampled_from(_WORDS),
    NAMES.filter(_without_downloads),
    st.integers(),
    st.floats(),
    st.just(dt.date(2020, 1, 1)),
)
_ranges = st.fixed_dictionaries(
    {},
    optional={
        "low": _scalars,
        "high": _scalars,
        "log": st.one_of(st.booleans(), _scalars),
        "step": _scalars,
    },
)
_sizes = st.one_of(
    st.integers(1, 64),
    st.lists(st.integers(-5, 64), max_size=3),
    st.builds(lambda low, high: {"low": low, "high": high}, st.integers(0, 4), st.integers(1, 64)),
)
_shares = st.one_of(
    st.floats(0, 1),
    st.lists(st.floats(0, 1), max_size=3),
    st.builds(lambda low, high: {"low": low, "high": high}, st.floats(0, 1), st.floats(0, 1)),
)
_values = st.one_of(
    _scalars,
    st.lists(_scalars, max_size=3),
    _ranges,
    _sizes,
    _shares,
    st.sampled_from(_WORDS),
    st.lists(st.sampled_from(_WORDS), max_size=3),
    st.dictionaries(st.sampled_from(_AXES), st.one_of(_scalars, _ranges), max_size=2),
)


def _places():
    for name in StudyDefinition.model_fields:
        yield (name,)
    for name, section in SECTIONS.items():
        for key in section.model_fields:
            yield name, key
    for key in _AXES:
        yield "space", key
    for variant in VARIANTS:
        for key in _AXES:
            yield "space", variant, key


_keys = st.one_of(
    st.sampled_from(list(_places())),
    st.sampled_from([place for place in _places() if len(place) == 2]),
    st.tuples(st.sampled_from(["training", "space", "search", "table", "x"]), NAMES),
)


_huge = st.one_of(_sizes, st.sampled_from([0, 1, 10**4, 10**6, 10**7]))
_rates = st.one_of(
    _shares, st.sampled_from([0, 0.0, 1, 0.999999, 1 - 1e-16, 1e-300, {"low": 0, "high": 0}])
)
_positive = st.sampled_from([1e-300, 1e-9, 1e-3, 1, 2, 1e9, 1e300])
_FITTING = {
    **dict.fromkeys(
        ("width", "depth", "batch_size", "epochs", "trials", "folds", "train_size"), _huge
    ),
    **dict.fromkeys(
        ("seeds", "splits", "early_stopping", "reduce_lr", "seed", "split_seed"), _huge
    ),
    **dict.fromkeys(("rate", "input_rate", "validation_split", "test_split", "cutoff"), _rates),
    **dict.fromkeys(
        ("learning_rate", "max_seconds", "length_scale", "temperature", "tau"), _positive
    ),
    **dict.fromkeys(
        ("target", "group", "order_by", "split_column"),
        st.sampled_from(["a", "b", "day", "y", "z"]),
    ),
    "model": st.sampled_from(["mlp", "cnn", "text", "own:build", "own:none", "own"]),
    "data": st.sampled_from(
        ["three.npz", "table.csv", "images.npz", "digits", "own:build", "own.py"]
    ),
    "variant": st.lists(st.sampled_from(list(VARIANTS)), min_size=1, max_size=4),
}


@st.composite
def _tables(draw):
    table = copy.deepcopy(draw(st.sampled_from(_REAL)))
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(_keys)
        values = st.one_of(_FITTING[last], _FITTING[last], _values) if last in _FITTING else _values
        inner = table
        for parent in parents:
            inner = inner.setdefault(parent, {})
            if not isinstance(inner, dict):
                break
        else:
            inner[last] = draw(values)
    return table


def _text(table):
    try:
        return tomli_w.dumps(table).encode("utf-8", "replace")
    except UnicodeEncodeError:
        return b"x = 1"


_texts = _tables().map(_text)
_files = st.one_of(
    _texts,
    _texts,
    _texts,
    _texts,
    _texts,
    damaged(_texts),
    damaged(st.just(_text(_REAL[0]))),
    st.binary(max_size=60),
)


def studies(three, images):
    """Commands that read such a file; their data are those of `three`, `images` or a table."""
    plans = st.sampled_from(["search", "submit", "submit", "submit"])
    others = {
        "three.npz": three,
        "images.npz": images,
        "table.csv": _TABLE.encode(),
        "own.py": _OWN,
    }

    def case(plan, content):
        content = content.replace(b"cifar10", b"digits").replace(b"mnist", b"digits")
        more = ("--dry-run",) if plan == "search" else ()
        return Case((plan, "s.toml", *more), {"s.toml": content} | others)

    return st.builds(case, plans, _files)

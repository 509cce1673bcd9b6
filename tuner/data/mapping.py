"""What an .npz has or a function gives: which of its arrays is what."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tuner.errors import UsageError

KEYS = "x y, or x_train y_train, and perhaps x_val y_val, x_test y_test"
_PARTS = {
    "": ("", "_train"),
    "_validation": ("_validation", "_val", "_valid", "_dev"),
    "_test": ("_test",),
}
_OF_PART = ("x", "y", "sample_weight", "groups")
_OTHERS = ("y_noisy", "split", "order", "test_rows")


class Mapped(NamedTuple):
    """(x, y, weight, groups) of each part, by the end of its names in RawData; and what else is."""

    parts: dict[str, list[Any]]
    noisy: Any = None
    split: Any = None
    order: Any = None
    test_rows: Any = None


def mapped(value: Mapping[Any, Any], source: str) -> Mapped:
    """Which array of a mapping is what; upper case is as good as lower case.

    x, y, sample_weight and groups, with _train, _val (_valid, _validation, _dev) or _test behind
    them; y_noisy; of x and y `split` (train, validation or test for each row), `test_rows` (their
    numbers), and `order` (what rows are sorted by). Raises UsageError where a key is another, or
    one is missing.
    """
    given: dict[str, Any] = {}
    for key, array in value.items():
        if str(key).lower() in given:
            raise UsageError(f"{source}: {key!r} is there twice, in upper and lower case")
        given[str(key).lower()] = array
    names = {f"{each}{end}": (part, each) for part, ends in _PARTS.items() for end in ends
             for each in _OF_PART}  # fmt: skip
    unknown = [str(key) for key in value if str(key).lower() not in (*names, *_OTHERS)]
    parts: dict[str, dict[str, Any]] = {}
    for key in [key for key in given if key in names]:
        part, each = names[key]
        if each in parts.setdefault(part, {}):
            raise UsageError(f"{source}: {key!r} is there twice under two names")
        parts[part][each] = given[key]
    lacking = [f"x{part}" for part in ("", *parts) if "x" not in parts.get(part, {})]
    without = [f"y{part}" for part, arrays in parts.items() if arrays.get("y") is None]
    lacking += without if len(without) < len(parts) else []
    if unknown or lacking:
        got = ", ".join(map(str, value)) or "nothing"
        why = f"{', '.join(unknown)} is unknown" if unknown else f"there is no {lacking[0]}"
        raise UsageError(
            f"{source}: {why}; expected {KEYS} (each with sample_weight, groups), y_noisy, split,"
            f" order, test_rows; got {got}"
        )
    of_parts = {
        part: [parts[part].get(each) for each in _OF_PART] for part in _PARTS if part in parts
    }
    return Mapped(of_parts, *(given.get(name) for name in _OTHERS))


def named_parts(value: Any, ends: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Parts by the ends of their names: (x, y) or more alone, two of these, or three."""
    if isinstance(value, Mapping):
        names = {"train": "", "validation": "_validation", "val": "_validation", "test": "_test"}
        known = set(value) <= set(names) and all(map(_is_part, value.values()))
        return {names[name]: part for name, part in value.items()} if known else {}
    if not _is_part(value):
        return {}
    if all(map(_is_part, value)) and (len(value) == 2 or _are_arrays(value)):
        return dict(zip(ends if len(value) == 3 else ends[::2], value, strict=True))
    return {"": value}


def _is_part(value: Any) -> bool:
    """Whether it may be (x, y) or (x, y, sample_weight)."""
    return (
        isinstance(value, tuple | list) and len(value) in (2, 3) and all(map(_may_be_rows, value))
    )


def _may_be_rows(value: Any) -> bool:
    has_rows = hasattr(value, "__len__") or hasattr(value, "shape")
    return value is None or (has_rows and not isinstance(value, str | bytes))


def _are_arrays(parts: Sequence[Any]) -> bool:
    """Whether each has arrays in it, and is none itself: three lists may be x, y and weights."""
    return all(hasattr(array, "shape") for part in parts for array in part)

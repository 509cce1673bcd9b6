"""A digest of what a value is, and of a function of what it does."""

import bisect
import dis
import hashlib
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...))
_DIGITS = 12
_ADDRESS = " at 0x"
_SILENT = ("CACHE", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL", "RESUME")
_SAME = {"LOAD_METHOD": "LOAD_ATTR"}
_LOADS = ("LOAD_GLOBAL", "LOAD_NAME")


def digest(value: Any) -> str:
    """12 hexadecimal digits: of arrays their content, of functions code and what that uses.

    Comments, line numbers and files do not count. The same code in another version of Python
    may have another digest. Objects that show no more than their address count by type.
    """
    told = hashlib.sha256()
    for part in _told(value, set()):
        told.update(part if isinstance(part, bytes) else f"{part}\0".encode())
    return told.hexdigest()[:_DIGITS]


def importable(value: Any) -> str | None:
    """`module:name` of a function or class that other processes can import by that name."""
    module, name = str(getattr(value, "__module__", "")), getattr(value, "__qualname__", None)
    if module in ("", "__main__", "__mp_main__") or not isinstance(name, str):
        return None
    is_there = getattr(sys.modules.get(module), name, None) is value
    return f"{module}:{name}" if is_there else None


def _told(value: Any, seen: set[int]) -> Iterator[str | bytes]:
    if id(value) in seen:
        return
    if isinstance(value, _PLAIN):
        yield repr(value)
    elif isinstance(value, set | frozenset):
        yield from sorted(map(repr, value))
    elif isinstance(value, np.ndarray) and value.dtype != object:
        yield f"{value.dtype.str}{value.shape}"
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, CodeType):
        yield from _of_code(value, seen)
    elif isinstance(value, ModuleType):
        yield value.__name__
    elif name := importable(value):
        yield name
    else:
        seen.add(id(value))  # functions that call each other, lists that hold themselves
        yield type(value).__name__
        for part in _parts(value):
            yield from _told(part, seen)


def _of_code(code: CodeType, seen: set[int]) -> Iterator[str | bytes]:
    yield from _steps(code)
    yield from (*code.co_names, *code.co_varnames)
    for const in code.co_consts:
        yield from _told(const, seen)


def _steps(code: CodeType) -> Iterator[str]:
    """What it does, step by step, the same in a script, which is compiled whole, and in a cell."""
    steps = [each for each in dis.get_instructions(code) if each.opname not in _SILENT]
    places = [each.offset for each in steps]
    for each in steps:
        what = each.arg if each.opcode in dis.hasconst else each.argval
        if each.opcode in (*dis.hasjrel, *dis.hasjabs):
            what = bisect.bisect_left(places, each.argval)
        yield f"{_SAME.get(each.opname, each.opname)} {what}"


def _parts(value: Any) -> Iterator[Any]:
    """What a value is made of."""
    if isinstance(value, Mapping):
        yield from (each for item in value.items() for each in item)
    elif isinstance(value, list | tuple):
        yield from value
    elif isinstance(value, np.ndarray):
        yield value.tolist()
    elif hasattr(value, "to_numpy"):  # data frames, and their columns
        yield from (list(map(str, getattr(value, "columns", ()))), value.to_numpy())
    elif hasattr(value, "__array__"):
        yield np.asarray(value)
    elif callable(value):
        yield from _of_callable(value)
    elif _ADDRESS not in (shown := repr(value)):
        yield shown


def _of_callable(value: Any) -> Iterator[Any]:
    if isinstance(value, FunctionType):
        yield from _of_function(value)
    elif isinstance(value, MethodType):
        yield from (value.__func__, value.__self__)
    elif isinstance(value, partial):
        yield from (value.func, value.args, value.keywords)
    elif isinstance(value, type):
        yield from (value.__qualname__, *filter(_is_function, vars(value).values()))
    else:
        yield from (type(value), getattr(value, "__dict__", {}))


def _is_function(value: Any) -> bool:
    return isinstance(value, FunctionType)


def _of_function(function: FunctionType) -> Iterator[Any]:
    """Its code, defaults, and what it finds around it."""
    yield from (function.__code__, function.__defaults__, function.__kwdefaults__)
    yield from (cell.cell_contents for cell in function.__closure__ or ())
    yield from _globals(function.__code__, function.__globals__)


def _globals(code: CodeType, known: Mapping[str, Any]) -> Iterator[Any]:
    """The values of the names that a function and those inside it take from their module.

    Names of attributes are none of these.
    """
    steps = dis.get_instructions(code)
    names = dict.fromkeys(each.argval for each in steps if each.opname in _LOADS)
    yield from (known[name] for name in names if name in known)
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _globals(const, known)

"""The tables of docs/internals.md: which names of others are used, where, and what they are for."""

import ast
from dataclasses import dataclass

from _places import ROOT

PAGE = ROOT / "docs" / "internals.md"


@dataclass(frozen=True)
class Use:
    """A row of a table."""

    file: str
    name: str
    why: str
    breaks: str
    test: str


def uses():
    """Every row of the page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [
        Use(*(cell.strip("`") for cell in row))
        for row in rows
        if len(row) == 5 and row[0].strip("| ").startswith("`tuner/")
    ]


def noticed_by(test):
    """The rows whose names a test file looks after."""
    return [use for use in uses() if use.test == test]


def verify(use, check):
    """Fail, with a sentence, where a name of another library is gone or means something else."""
    try:
        holds = check()
    except (AttributeError, ImportError, KeyError, NameError, TypeError) as error:
        holds, reason = False, f" ({error})"
    else:
        reason = ""
    assert holds, (
        f"{use.name}, which {use.file} uses, is gone or has changed{reason}:"
        f" {use.breaks}. See docs/internals.md"
    )


def private_names(source):
    """Names of others in a file that begin with one underscore: attributes, imports, strings."""
    return {name for node in ast.walk(ast.parse(source)) for name in _private(node)}


def _private(node):
    match node:
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            return
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
            return
        case ast.Attribute(value=ast.Name(id="os"), attr="_exit"):  # documented
            return
        case ast.Attribute(attr=name):
            yield from filter(_is_private, [name])
        case ast.ImportFrom(level=0, module=module, names=names):
            yield from _imported(module, [each.name for each in names])
        case ast.Import(names=names):
            for each in names:
                yield from _imported(each.name, [])
        case ast.Call(
            func=ast.Name(id="getattr" | "setattr" | "hasattr" | "delattr"),
            args=[owner, ast.Constant(value=name), *_],
        ) if ast.unparse(owner) not in ("self", "cls"):
            yield from filter(_is_private, [name])


def _imported(module, names):
    """The private part of an import; modules of tuner and of the type checker are no others'."""
    parts = module.split(".")
    if parts[0] in ("tuner", "_typeshed"):
        return
    yield from filter(_is_private, names)
    for position, part in enumerate(parts, start=1):
        if _is_private(part):
            yield ".".join(parts[:position])


def _is_private(name):
    return name.startswith("_") and not name.startswith("__")

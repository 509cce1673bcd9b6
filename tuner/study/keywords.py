"""Every option of a study file by its own name: what flags and keywords say of a study."""

from inspect import Parameter, Signature
from typing import Any

from tuner.schema import Axis
from tuner.study.definition import SECTIONS, StudyDefinition
from tuner.study.space_definition import SpaceDefinition

_AXES = ("rate", "width")
"""Axes of the space that have a name of their own; `space` has them all."""


def _typed() -> dict[str, tuple[str, Any]]:
    """By name the dotted key and the type."""
    whole = {**StudyDefinition.model_fields}
    found: dict[str, tuple[str, Any]] = {"space": ("space", dict[str, Any])}
    for name, field in whole.items():
        if name not in (*SECTIONS, "space"):
            found[name] = (name, field.annotation)
    for name in ("variant", "per_site_rate"):
        found[name] = (f"space.{name}", SpaceDefinition.model_fields[name].annotation)
    found |= {name: (f"space.{name}", Axis) for name in _AXES}
    for section, table in SECTIONS.items():
        for name, field in table.model_fields.items():
            found[name] = (f"{section}.{name}", field.annotation)
    return found


KEYS = {name: key for name, (key, _) in _typed().items()}
"""The dotted key of a study file by its last name."""


def signature_of(function: Any) -> Signature:
    """The signature of a function that takes the options of a study as keywords.

    Options are typed as in a study file, None where nothing is said; what the function takes by
    itself stays as it is.
    """
    own = list(Signature.from_callable(function).parameters.values())
    known = {each.name for each in own}
    options = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind | None)
        for name, (_, kind) in _typed().items()
        if name not in known
    ]
    return Signature([each for each in own if each.kind != Parameter.VAR_KEYWORD] + options)

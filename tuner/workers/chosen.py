"""Which variants are searched: those that are named, or all that fit model and data."""

from collections.abc import Mapping, Sequence

from tuner.data.spec import Spec
from tuner.dropout.variant import Site, Variant
from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition
from tuner.study.distributions import narrow
from tuner.workers.branches import bases_of
from tuner.workers.way import Way


def chosen_of(
    definition: StudyDefinition,
    variants: Mapping[str, Variant],
    found: Sequence[Site],
    way: Way,
    spec: Spec,
) -> tuple[str, ...]:
    """The variants that are named, each of which has to fit, or else all that do."""

    def refused(variant: Variant) -> str | None:
        return way.refuses(variant) or _refuses(variant, spec)

    if not definition.space.variant:
        return tuple(
            name
            for name, variant in variants.items()
            if _fits(variant, found, definition) and not refused(variant)
        )
    for name in definition.space.variant:
        reason = _misfit(variants[name], found, definition) or refused(variants[name])
        if reason:
            raise UsageError(f"variant {name!r} does not fit model {definition.model!r}: {reason}")
    return definition.space.variant


def _fits(variant: Variant, found: Sequence[Site], definition: StudyDefinition) -> bool:
    """Whether a variant that nobody named is searched: it fits the model and the shared rates."""
    shared = definition.space.axes.get("rate")
    if _misfit(variant, found, definition) is not None:
        return False
    given = definition.space.hyperparameters.get(variant.name, {})
    if shared is None or "rate" in given:
        return True
    if variant.rate is None:
        return variant.rate_of is None or bool(given)
    return narrow(shared, variant.rate) is not None


def _refuses(variant: Variant, spec: Spec) -> str | None:
    """Why a variant does not know what to do with such targets; None where it does."""
    one = isinstance(spec.n_outputs, int)
    if one and spec.task != "own":
        return None
    if variant.wrap is not None or variant.name == "mc":
        return "its prediction is a mean of classes, labels or numbers; use 'standard'"
    if variant.learned is not None:
        return (
            "how much its penalty weighs is known for classes, labels and numbers; use 'standard'"
        )
    if variant.loss is not None and not one:
        return "it compares masks by one output, the model has several; use 'standard'"
    return None


def _misfit(variant: Variant, found: Sequence[Site], definition: StudyDefinition) -> str | None:
    """Why a variant, or one of its bases, cannot be used at these sites; None where it can."""
    reasons = (
        variant.given({"base": base}).misfit_of(found)
        for base in bases_of(variant, definition)
        if base in variant.hyperparameters["base"].choices
    )
    return next(filter(None, reasons), variant.misfit_of(found))

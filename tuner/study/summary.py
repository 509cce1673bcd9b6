"""What terminal and report both say of a study: numbers, params, the answer."""

from collections.abc import Collection

from tuner.schema import Params, Scalar
from tuner.study import attrs
from tuner.study.curves.points import drops_nothing
from tuner.study.formatting import number, signed
from tuner.study.results import FEWEST_TRIALS, Results, TrialRow, VariantRow, error_of_best

_MANY = 4
FEW = "\N{DEGREE SIGN}"
LEGEND = (
    "gap: train - validation without noise; vs none: above 0 is better than the best trial without"
    " dropout, whatever its width."
)


def best_line(results: Results) -> str:
    """The best trial in a sentence."""
    best = results.best
    if best is None:
        return "No trial is complete yet."
    return (
        f"Best: {trial_text(best, without=results.fixed)} with validation {results.metric}"
        f" {number(best.value)} (trial {best.number})."
    )


def remarks(results: Results) -> list[str]:
    """How far to trust the best trial, and what failed."""
    said = []
    error = error_of_best(results)
    if error is not None:
        said.append(
            f"One seed a trial, chosen as the best of {results.counts.complete} on"
            f" {attrs.N_VALIDATION.of(results.attrs)} validation rows (standard error {error:.4f}):"
            " smaller differences are noise."
        )
    elif results.best is not None:
        said.append(
            f"One seed a trial, chosen as the best of {results.counts.complete}: part of the"
            " differences is noise."
        )
    if results.counts.failed:
        said.append(f"{results.counts.failed} trials failed; 'tuner trials' gives the reasons.")
    return said


def variants_table(
    results: Results, n_params: int | None = None
) -> tuple[list[str], list[list[str]]]:
    """Titles and rows of the variants, the best first; their params are in column 3.

    Of the params only the first `n_params`, if given, and a mark where there are more.
    """
    titles = ["variant", "trials", "pruned", "best params", results.metric, "gap", "vs none"]
    return titles, [_variant(row, results, n_params) for row in results.variants]


def too_few(results: Results) -> str | None:
    """Which variants are marked in the table, if any is: too few trials of them are complete."""
    if all(row.is_ranked for row in results.variants):
        return None
    return f"{FEW} fewer than {FEWEST_TRIALS} complete trials: not ranked."


def network(params: Params, *, rate: bool = True) -> str:
    """`gaussian dropout at 0.31, width 256`."""
    variant = str(params["variant"])
    noun = "" if variant.startswith("drop") else " dropout"
    name = "no dropout" if variant == "none" else f"{variant}{noun}"
    at = f" at {params['rate']:.2g}" if rate and variant != "none" and "rate" in params else ""
    return f"{name}{at}" + (f", width {params['width']}" if "width" in params else "")


def params_text(params: Params, without: Collection[str] = ()) -> str:
    """Params as `name value` pairs."""
    variant = str(params.get("variant", ""))
    owners = (variant, str(params.get(f"{variant}.base", variant)))

    def short(name: str) -> str:
        owner, _, hp = name.partition(".")
        return hp if owner in owners else name

    pairs = ((short(name), value) for name, value in params.items() if name not in without)
    is_said = variant == "none"
    if not is_said and "variant" not in without and drops_nothing(params):
        variant, is_said = f"{variant} at rate 0 (no dropout)", True
    return ", ".join(
        variant if name == "variant" else f"{name} {_short(value)}"
        for name, value in pairs
        if not (name == "rate" and is_said)
    )


def trial_text(trial: TrialRow, without: Collection[str] = (), n_params: int | None = None) -> str:
    """The params of a trial, and the rates that it learned; or the first `n_params` alone."""
    if n_params is not None:
        shown = params_text(trial.params, without).split(", ")
        return ", ".join([*shown[:n_params], *(["…"] if len(shown) > n_params else [])])
    text, rates = params_text(trial.params, without), trial.learned_rates
    if not rates:
        return text
    if len(rates) > _MANY:
        return f"{text}, learned {min(rates):.2g} to {max(rates):.2g} at {len(rates)} places"
    return f"{text}, learned {' '.join(f'{rate:.2g}' for rate in rates)}"


def number_or_dash(row: TrialRow | None) -> str:
    """The value of a trial, if there is one."""
    return number(row.value if row else None)


def _variant(row: VariantRow, results: Results, n_params: int | None) -> list[str]:
    best = row.best
    return [
        row.variant + ("" if row.is_ranked else FEW),
        str(row.n),
        str(row.n - row.n_complete),
        trial_text(best, ("variant", *results.fixed), n_params) if best else "-",
        number(best.value) if best else "-",
        signed(best.gap) if best else "-",
        "-" if row.variant == "none" else signed(row.gain),
    ]


def _short(value: Scalar) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)

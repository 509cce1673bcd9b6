"""tuner variants, models, datasets: what can be named."""

from collections.abc import Mapping
from typing import Any

import click

from tuner.cli import options, output
from tuner.data import DATASETS
from tuner.errors import UsageError, unknown
from tuner.importer import described, load, summary
from tuner.models import MODELS


@click.command()
@click.argument("name", required=False)
@options.as_json
def variants(name: str | None, as_json: bool) -> None:
    """What each dropout variant drops, learns, and its rate means; of NAME, its formula."""
    from tuner.schema import VARIANTS

    if name is None:
        _show({each: _explained(VARIANTS[each], as_json) for each in VARIANTS}, as_json)
        return
    if name not in VARIANTS:
        raise UsageError(unknown("variant", name, VARIANTS))
    from tuner.cli import display
    from tuner.silence import silenced
    from tuner.workers import runtime

    runtime.quiet()
    with silenced():
        hps = load(VARIANTS[name]).ranges()
    if as_json:
        explained = _explained(VARIANTS[name], True)
        display.print_json({"name": name, **explained, "hyperparameters": dict(hps)})
        return
    output.echo("\n".join(summary(VARIANTS[name])))
    display.print_rows(("searched", "range"), hps)


@click.command()
@options.as_json
def models(as_json: bool) -> None:
    """The built-in models (a .keras file or module:function works too)."""
    _show(_first_lines(MODELS), as_json)


@click.command()
@options.as_json
def datasets(as_json: bool) -> None:
    """The built-in data sets (a file or module:function works too)."""
    _show(_first_lines(DATASETS), as_json)


def _explained(reference: str, as_json: bool) -> Any:
    """A variant in two lines, or its fields."""
    text = described(reference)
    fields = {key.lower(): value for key, value in text.fields.items()}
    if as_json:
        return {"drops": text.first, **fields, "details": text.rest}
    about = [f"rate: {fields['rate']}"]
    about += [f"learns {fields['learns']}"] if fields["learns"] != "nothing" else []
    return f"{text.first}\n{'; '.join([*about, fields['paper']])}"


def _first_lines(table: Mapping[str, str]) -> dict[str, str]:
    return {name: summary(reference)[0] for name, reference in table.items()}


def _show(rows: Mapping[str, Any], as_json: bool) -> None:
    from tuner.cli import display

    if as_json:
        display.print_json(dict(rows))
    else:
        display.print_rows(("name", "what it is"), rows.items())

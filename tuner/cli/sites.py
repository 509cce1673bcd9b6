"""tuner sites: where a model drops, and which variants fit there."""

from typing import TYPE_CHECKING, Any

import click

from tuner.cli import completing, options, output
from tuner.cli.options import option
from tuner.data import DATASETS
from tuner.models import MODELS

if TYPE_CHECKING:
    from tuner.workers.inspecting import Places


@click.command()
@option(
    "--model",
    default="mlp",
    show_default=True,
    shell_complete=completing.names(MODELS, files=True),
    help="mlp, cnn, text; a .keras file; or module:function.",
)
@option(
    "--data",
    shell_complete=completing.names(DATASETS, files=True),
    help="What the model is built for, as in 'tuner search' (default: the rows of digits).",
)
@option("--target", metavar="COLUMN", help="The column to predict (default: the last one).")
@options.as_json
def sites(model: str, data: str | None, target: str | None, as_json: bool) -> None:
    """The dropout sites of a model: kind, rate as written, which variants fit, and why not."""
    from tuner.cli import display
    from tuner.silence import silenced
    from tuner.workers import runtime

    runtime.quiet()
    with silenced():
        from tuner.data.loading import open_dataset
        from tuner.study.definition import StudyDefinition
        from tuner.workers.inspecting import places_of_reference

        table = {"data": data or "digits"} | ({} if target is None else {"target": target})
        definition = StudyDefinition.parse(table, "the command line")
        parts = open_dataset(definition.data_settings).train_validation
        found = places_of_reference(model, parts, is_given=data is not None)
    if as_json:
        display.print_json(_document(model, found))
        return
    display.print_rows(
        ("place", "kind", "as written", "variants"),
        ((p.path, p.kind, f"{p.rate:g}", ", ".join(p.fitting)) for p in found.places),
    )
    reasons = {(name, why) for place in found.places for name, why in place.not_here.items()}
    for name, why in sorted(reasons):
        output.echo(f"{name}: {why}")
    if found.off:
        places = ", ".join(f"{path} ({kind})" for path, kind in found.off)
        output.echo(f"can drop, and is written with a rate of 0, so is no place: {places}")
    if found.left_alone:
        output.echo(f"left as it is: {', '.join(found.left_alone)}")


def _document(model: str, found: "Places") -> dict[str, Any]:
    places = [
        {
            "path": each.path,
            "kind": each.kind,
            "rate": each.rate,
            "fits": each.fitting,
            "not": dict(each.not_here),
        }
        for each in found.places
    ]
    return {
        "model": model,
        "places": places,
        "left_alone": list(found.left_alone),
        "written_without": [{"path": path, "kind": kind} for path, kind in found.off],
    }

"""`label-image`: says what is in pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from poets.cli.app import CONTEXT, run
from poets.cli.options import FlagCommand, FlagOption, UserPath, build, flag_options
from poets.cli.shown import UNSURE, shown
from poets.config.flags import defaults_of
from poets.config.label import LabelConfig
from poets.config.places import TF_FILES
from poets.errors import DataError, UsageError
from poets.labelling.config import EnsembleConfig, ListingConfig, LookingConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poets.labelling.ensemble import Ensemble
    from poets.predict import LabeledPicture

DEFAULT_IMAGE = TF_FILES / "flower_photos" / "daisy" / "3475870145_685a19116d.jpg"  # the codelab's
_GROUPS = {"Graph": (LabelConfig, EnsembleConfig), "Output": (ListingConfig, LookingConfig)}


@click.command("label-image", cls=FlagCommand, context_settings=CONTEXT)
@click.argument("photos", nargs=-1, type=UserPath())
@click.option("--image", type=UserPath(), help="A picture, as the codelab names it.")
@click.option(
    "--graph",
    cls=FlagOption,
    group="Graph",
    type=UserPath(),
    multiple=True,
    default=[defaults_of(LabelConfig)["graph"]],
    show_default=True,
    metavar="PATH",
    help="The graph, a .pb or .tflite. Several, each with its --graph, label together.",
)
@flag_options(_GROUPS, leave_out=("graph",))
def command(photos: tuple[Path, ...], image: Path | None, **values: Any) -> int:  # noqa: ANN401
    """Say what is in pictures. A graph that `retrain` made needs no further flag.

    PHOTOS are files, folders, patterns in quotes, or - for paths on standard input.
    """
    from poets.labelling.inputs import each_once, expand

    listing, looking = build(ListingConfig, values), build(LookingConfig, values)
    named = choose_pictures([*([image] if image else []), *photos])
    paths = expand(named)
    if listing.move:  # the second time, it would be gone
        paths = each_once(paths)
    graphs = _open(values)
    labeled = _label(graphs, paths, listing, looking)
    if paths == named and len(paths) == 1 and not listing.form and not listing.sort_into:
        _print_one(next(labeled))
        return 0
    from poets.cli.listing import print_many

    return print_many(labeled, paths, graphs.labels, listing)


def choose_pictures(paths: list[Path]) -> list[Path]:
    """Return the named pictures, else the codelab's; raises UsageError where it is not there."""
    if not paths and DEFAULT_IMAGE.is_file():
        return [DEFAULT_IMAGE]
    if not paths:
        command = click.get_current_context().command_path
        raise UsageError("no picture named.", hint=f"{command} PHOTO ...")
    return paths


def _open(values: dict[str, Any]) -> "Ensemble":
    """Open the graphs, and say what of them was assumed."""
    from poets.labelling.ensemble import make_ensemble
    from poets.runtimes.open import open_model

    graphs: tuple[Path, ...] = values["graph"]
    weights = build(EnsembleConfig, values).numbers()
    models = [open_model(build(LabelConfig, values | {"graph": graph})) for graph in graphs]
    for graph, model in zip(graphs, models, strict=True):
        for note in model.assumed:
            click.echo(shown(f"{graph}: {note}" if len(graphs) > 1 else note), err=True)
    return make_ensemble(models, [str(graph) for graph in graphs], weights)


def _label(
    graphs: "Ensemble", paths: list[Path], listing: ListingConfig, looking: LookingConfig
) -> "Iterator[LabeledPicture]":
    """Label pictures; only a look inside the network costs more than its scores."""
    if looking.looks_inside:
        from poets.labelling.looking import look_into

        return look_into(graphs.models, paths, listing, looking)
    from poets.predict import name_labels

    scored = graphs.score_images(paths)
    return name_labels(scored, graphs.labels, listing.top_k, listing.threshold)


def _print_one(labeled: "LabeledPicture") -> None:
    """Print the codelab's lines."""
    if labeled.error:
        raise DataError(f"{labeled.path}: {labeled.error}.", hint="Name a JPEG or PNG picture.")
    click.echo(f"\nEvaluation time (1-image): {labeled.seconds:.3f}s\n")
    for prediction in labeled.predictions:
        click.echo(shown(prediction))
    if not labeled.predictions:
        click.echo(UNSURE)
    if labeled.explained_in:
        click.echo(f"\nHeat map: {shown(labeled.explained_in)}")


def main() -> NoReturn:
    """Run as a console command."""
    run(command)

"""`label-image`: says what is in pictures."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from poets.cli.app import CONTEXT, run
from poets.cli.options import FlagCommand, UserPath, build, flag_options
from poets.cli.shown import shown
from poets.config import TF_FILES, LabelConfig
from poets.errors import DataError, UsageError

if TYPE_CHECKING:
    from poets.predict import LabeledPicture, Prediction

DEFAULT_IMAGE = TF_FILES / "flower_photos" / "daisy" / "3475870145_685a19116d.jpg"  # the codelab's
_WIDEST = 60  # columns of a name; a longer one pushes only its own line
_SURE = 0.9  # below it, a list of pictures names the second label too


@click.command("label-image", cls=FlagCommand, context_settings=CONTEXT)
@click.argument("photos", nargs=-1, type=UserPath())
@click.option("--image", type=UserPath(), help="The picture, as the codelab says.")
@flag_options({"Graph": (LabelConfig,)})
def command(photos: tuple[Path, ...], image: Path | None, **values: Any) -> int:  # noqa: ANN401
    """Say what is in pictures. A graph that `retrain` made needs no further flag."""
    from poets.predict import label_images
    from poets.runtimes.open import open_model

    paths = choose_pictures([*([image] if image else []), *photos])
    model = open_model(build(LabelConfig, values))
    for note in model.assumed:
        click.echo(shown(note), err=True)
    labeled = label_images(model, paths)
    if len(paths) == 1:
        _print_one(next(labeled))
        return 0
    return _print_list(labeled, paths)


def choose_pictures(paths: list[Path]) -> list[Path]:
    """Return the named pictures, else the codelab's; raises UsageError where it is not there."""
    if not paths and DEFAULT_IMAGE.is_file():
        return [DEFAULT_IMAGE]
    if not paths:
        command = click.get_current_context().command_path
        raise UsageError("no picture named.", hint=f"{command} PHOTO ...")
    return paths


def _print_one(labeled: "LabeledPicture") -> None:
    """Print the codelab's lines."""
    if labeled.error:
        raise DataError(f"{labeled.path}: {labeled.error}.", hint="Name a JPEG or PNG picture.")
    click.echo(f"\nEvaluation time (1-image): {labeled.seconds:.3f}s\n")
    for prediction in labeled.predictions:
        click.echo(shown(prediction))


def _print_list(labeled: Iterable["LabeledPicture"], paths: list[Path]) -> int:
    """Print a line a picture, as each is done; return the exit code."""
    width = min(max(len(shown(path)) for path in paths), _WIDEST)
    unreadable = 0
    for one in labeled:
        unreadable += bool(one.error)
        said = f"cannot be read: {one.error}" if one.error else _best(*one.predictions[:2])
        click.echo(f"{shown(one.path):{width}}   {shown(said)}")
    sys.stdout.flush()
    if unreadable:
        click.echo(f"{len(paths) - unreadable} labelled, {unreadable} could not be read", err=True)
    return DataError.exit_code if unreadable else 0


def _best(best: "Prediction", second: "Prediction | None" = None) -> str:
    also = f"   {second.label} {second.score:.3f}" if second and best.score < _SURE else ""
    return f"{best.label:12} {best.score:.3f}{also}"


def main() -> NoReturn:
    """Run as a console command."""
    run(command)

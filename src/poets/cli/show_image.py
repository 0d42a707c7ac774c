"""`poets show-image`: what is known of a picture."""

from pathlib import Path
from typing import NoReturn

import click

from poets.cli.app import CONTEXT, run
from poets.cli.label_image import choose_pictures
from poets.cli.options import UserPath
from poets.cli.shown import shown
from poets.errors import DataError


@click.command("show-image", context_settings=CONTEXT)
@click.argument("photos", nargs=-1, type=UserPath())
def command(photos: tuple[Path, ...]) -> int:
    """Say what is known of pictures: format, size, orientation, label, attribution."""
    from poets.decode import UnreadableImageError
    from poets.picture import show_image

    unreadable = 0
    for path in choose_pictures([*photos]):
        try:
            lines = str(show_image(path)).split("\n")
        except UnreadableImageError as error:
            unreadable += 1
            lines = [f"{path}", f"  cannot be read: {error}"]
        for line in lines:
            click.echo(shown(line))
    return DataError.exit_code if unreadable else 0


def main() -> NoReturn:
    """Run as a console command."""
    run(command)

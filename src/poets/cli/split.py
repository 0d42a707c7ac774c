"""`poets split`: which pictures are trained on, and which are kept to test with."""

from typing import Any

import click

from poets.cli.app import CONTEXT
from poets.cli.options import FlagCommand, UserPath, build, flag_options
from poets.config.backbone import BackboneConfig
from poets.config.data import DataConfig, SplitConfig
from poets.config.flags import defaults_of


@click.command("split", cls=FlagCommand, context_settings=CONTEXT)
@click.option(
    "--part",
    type=click.Choice(["training", "validation", "testing"]),
    default="testing",
    show_default=True,
    help="Which pictures to list.",
)
@flag_options({"Pictures": (DataConfig, SplitConfig)})
@click.option(
    "--bottleneck_dir",
    type=UserPath(),
    default=defaults_of(BackboneConfig)["bottleneck_dir"],
    show_default=True,
    help="Folder of the cache, which knows the files that cannot be read.",
)
def command(part: str, **values: Any) -> None:  # noqa: ANN401 - click passes each flag by its name
    """List the pictures that `retrain` trains on, validates with or tests with, one a line.

    After a `retrain` on the same folder the list is exactly the one that it used.
    """
    from poets.features.cache import FeatureCache
    from poets.images import find_images
    from poets.split import split_images

    with FeatureCache(values["bottleneck_dir"]) as cache:
        found = find_images(values["image_dir"])
        images = [image for image in found if not cache.is_unreadable(image.path)]
    parts = split_images(images, build(SplitConfig, values))
    for image, own in zip(images, parts, strict=True):
        if own == part:
            click.echo(image.path)

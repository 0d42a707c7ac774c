"""`poets augment`: look at distorted pictures before training on them."""

from typing import Any

import click

from poets.cli.app import CONTEXT
from poets.cli.options import FlagCommand, build, flag_options
from poets.config.augment import AugmentConfig
from poets.config.distort import DistortConfig

_GROUPS = {
    "Sheet": (AugmentConfig,),
    "Distortions of training pictures": (DistortConfig,),
}


@click.command("augment", cls=FlagCommand, context_settings=CONTEXT)
@flag_options(_GROUPS)
def command(**values: Any) -> None:  # noqa: ANN401 - click passes each flag by its name
    """Draw a sheet of pictures as they are and as `retrain` with the same flags distorts them.

    A row a picture: first as it is, then its variants, 16 at most. Other ones than in a training,
    of the same kind.
    """
    from poets.cli.console import console_reporter
    from poets.distort.examples import draw_examples

    config = build(AugmentConfig, values, distort=build(DistortConfig, values))
    draw_examples(config, console_reporter("INFO"))
    click.echo(config.output)

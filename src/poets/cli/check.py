"""`poets check`: a doctor for a folder of pictures."""

from pathlib import Path
from typing import Any

import click

from poets.check.config import CheckConfig
from poets.cli.app import CONTEXT
from poets.cli.options import FlagCommand, UserPath, build, flag_options
from poets.config.backbone import BackboneConfig
from poets.config.data import SplitConfig
from poets.errors import DataError

_GROUPS = {
    "Examination": (CheckConfig,),
    "Split": (SplitConfig,),
    "Network": (BackboneConfig,),
}


@click.command("check", cls=FlagCommand, context_settings=CONTEXT)
@click.argument("image_dir", metavar="DIR", type=UserPath())
@flag_options(_GROUPS)
def command(image_dir: Path, **values: Any) -> int:  # noqa: ANN401 - click passes flags by name
    """Say what is wrong with DIR, a folder with one sub-folder of pictures a label.

    DIR is never written to. The exit code is 3 where an error was found (with --strict, a warning
    is one), else 0. Give the flags of split and network as to `retrain`.
    """
    from poets.check.doctor import check
    from poets.check.document import to_json
    from poets.cli.console import console_reporter
    from poets.cli.examination import print_examination

    settings = build(
        CheckConfig,
        values,
        image_dir=image_dir,
        split=build(SplitConfig, values),
        backbone=build(BackboneConfig, values),
    )
    examination = check(settings, console_reporter("INFO"))
    if settings.json:
        click.echo(to_json(examination), nl=False)
    else:
        print_examination(examination)
    serious = examination.count("error") + settings.strict * examination.count("warning")
    return DataError.exit_code if serious else 0

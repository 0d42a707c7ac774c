"""`poets architectures`: the networks there are, and what each needs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from poets.cli.app import CONTEXT
from poets.cli.options import UserPath
from poets.config.backbone import BackboneConfig
from poets.config.flags import defaults_of

if TYPE_CHECKING:
    from poets.backbones.spec import BackboneSpec

HEADER = ("architecture", "input", "features", "parameters", "download")


@click.command("architectures", context_settings=CONTEXT)
@click.option(
    "--model_dir",
    type=UserPath(),
    default=defaults_of(BackboneConfig)["model_dir"],
    show_default=True,
    help="Folder of downloaded archives and compiled networks.",
)
def command(model_dir: Path) -> None:
    """List the networks that --architecture takes: which are here, and what the others cost.

    A download is about that large. --image_size changes the input where it says `from`.
    pixels_N and cnn_N are there for other numbers N, too.
    """
    from poets.backbones.compiled import is_ready
    from poets.backbones.table import BACKBONES
    from poets.cli.tables import print_table

    rows = (
        (*columns(spec), "yes" if is_ready(spec, model_dir) else "") for spec in BACKBONES.values()
    )
    print_table([(*HEADER, "here"), *rows], right=(2, 3, 4))


def columns(spec: "BackboneSpec") -> tuple[str, ...]:
    """Return what HEADER announces."""
    from poets.backbones.sources import PipSource

    size = f"{spec.download_bytes / 1e6:.0f} MB" if spec.download_bytes else ""
    download = size or "none"
    if isinstance(spec.source, PipSource):
        download = f"pip, {size}" if size else "with pip"
    resizable = f", from {spec.min_size}" if spec.min_size else ""
    return (
        spec.name,
        f"{spec.preprocess.width} px{resizable}",
        f"{spec.feature_size}",
        f"{spec.parameters / 1e6:.1f} M",
        download,
    )

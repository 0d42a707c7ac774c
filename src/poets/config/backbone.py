"""Which network makes the features."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.config.places import TF_FILES
from poets.errors import UsageError

DEFAULT_ARCHITECTURE = "efficientnet_lite0"
TWO_NETWORKS = "--architecture and --tfhub_module both name a network: leave one."


@dataclass(frozen=True, kw_only=True)
class BackboneConfig(FlagGroup):
    """Which network makes the features, and where it is kept."""

    architecture: Annotated[str, Flag("Name of the network; `poets architectures` lists them.")] = (
        DEFAULT_ARCHITECTURE
    )
    tfhub_module: Annotated[
        str | None,
        Flag("A module of TensorFlow Hub instead: a handle, a web address or a folder."),
    ] = None
    image_size: Annotated[
        int,
        Flag(
            "Side of the network's input in pixels; 0 is the network's own.", 32, 1024, special=(0,)
        ),
    ] = 0
    model_dir: Annotated[Path, Flag("Folder of downloaded archives and compiled networks.")] = (
        TF_FILES / "models"
    )
    bottleneck_dir: Annotated[Path, Flag('Folder of the cache of features ("bottlenecks").')] = (
        TF_FILES / "bottlenecks"
    )

    def __post_init__(self) -> None:
        """Check what no flag can check alone."""
        super().__post_init__()
        if self.tfhub_module == "":  # else it would be the current folder
            raise UsageError("--tfhub_module: an empty name names no module.")
        if self.tfhub_module is not None and self.architecture != DEFAULT_ARCHITECTURE:
            raise UsageError(TWO_NETWORKS)

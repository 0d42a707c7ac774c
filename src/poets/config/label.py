"""What `label-image` is told about a graph."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.config.places import TF_FILES
from poets.errors import UsageError

MAX_SIDE = 4096  # pixels of a network's input: no classifier takes more, and it is held in memory


@dataclass(frozen=True, kw_only=True)
class LabelConfig(FlagGroup):
    """All that `label-image` is told about a graph."""

    graph: Annotated[Path, Flag("The graph, a .pb or .tflite.")] = TF_FILES / "retrained_graph.pb"
    labels: Annotated[
        Path | None, Flag("The labels, one a line; else those in the graph or beside it.")
    ] = None
    input_height: Annotated[
        int | None, Flag("Height of the graph's input in pixels.", 1, MAX_SIDE)
    ] = None
    input_width: Annotated[
        int | None, Flag("Width of the graph's input in pixels.", 1, MAX_SIDE)
    ] = None
    input_mean: Annotated[float | None, Flag("Taken from each pixel value.")] = None
    input_std: Annotated[float | None, Flag("Divides each pixel value after that.")] = None
    input_layer: Annotated[str | None, Flag("Name of the graph's input.")] = None
    output_layer: Annotated[str | None, Flag("Name of the graph's output.")] = None
    trust_graph: Annotated[
        bool, Flag("Run a graph from elsewhere though it may do more than compute.")
    ] = False

    def __post_init__(self) -> None:
        """Check each flag, and what no flag can check alone."""
        super().__post_init__()
        if self.input_std == 0:
            raise UsageError("--input_std 0: nothing can be divided by it.")

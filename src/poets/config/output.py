"""What is written, and where."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.config.places import TF_FILES
from poets.export.table import EXPORTERS, Exporter, find_exporters


@dataclass(frozen=True, kw_only=True)
class OutputConfig(FlagGroup):
    """What is written, and where."""

    output_graph: Annotated[Path, Flag("The trained graph; its .tflite is written beside it.")] = (
        TF_FILES / "retrained_graph.pb"
    )
    output_labels: Annotated[Path, Flag("The labels, one a line.")] = (
        TF_FILES / "retrained_labels.txt"
    )
    summaries_dir: Annotated[Path, Flag("Folder of the summaries for TensorBoard.")] = (
        TF_FILES / "training_summaries"
    )
    final_tensor_name: Annotated[str, Flag("Name of the graph's output.")] = "final_result"
    saved_model_dir: Annotated[Path | None, Flag("Folder for the graph as a SavedModel, too.")] = (
        None
    )
    export: Annotated[
        str, Flag(f"Further exports, with commas between, of: {', '.join(EXPORTERS)}.")
    ] = ""
    max_accuracy_drop: Annotated[
        float, Flag("Points of accuracy that a reduced export may lose.", 0, 100)
    ] = 2.0
    assert_accuracy_at_least: Annotated[
        float | None, Flag("Test accuracy below which nothing is exported (exit code 5).", 0, 1)
    ] = None
    intermediate_output_graphs_dir: Annotated[
        Path, Flag("Folder of graphs saved while training.")
    ] = TF_FILES / "intermediate_graphs"
    intermediate_store_frequency: Annotated[
        int, Flag("Steps between such graphs; 0 saves none.", 0)
    ] = 0
    checkpoint_path: Annotated[
        Path | None, Flag("File from which a stopped run goes on where it was.")
    ] = None

    def __post_init__(self) -> None:
        """Check each flag, and the names of exports."""
        super().__post_init__()
        find_exporters(self.export)

    @property
    def exporters(self) -> tuple[Exporter, ...]:
        """The exports that were asked for, in the order of the flags."""
        asked = find_exporters(self.export)
        folder = () if self.saved_model_dir is None else (EXPORTERS["saved_model"],)
        return tuple(dict.fromkeys((*asked, *folder)))

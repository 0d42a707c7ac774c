"""Every flag once: name, type, default, help and check, grouped by stage."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from poets.errors import UsageError
from poets.export.table import EXPORTERS, Exporter, find_exporters

TF_FILES = Path("tf_files")
DEFAULT_ARCHITECTURE = "efficientnet_lite0"
MAX_SIDE = 4096  # pixels of a network's input: no classifier takes more, and it is held in memory
VERBOSITIES = ("DEBUG", "INFO", "WARN", "ERROR", "FATAL")


@dataclass(frozen=True)
class Flag:
    """What a field's `Annotated[...]` says to the command line and to the check."""

    help: str
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
    special: tuple[float, ...] = ()  # values outside the range that mean something, like -1

    def check(self, name: str, value: object) -> None:
        """Raise UsageError for a value that the flag cannot take."""
        if self.choices and value not in self.choices:
            raise UsageError(f"--{name} {value}: choose from {', '.join(self.choices)}.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        finite = -math.inf < value < math.inf
        if value not in self.special and not (finite and self.minimum <= value <= self.maximum):
            raise UsageError(f"--{name} {value}: {self._range()}.")

    def _range(self) -> str:
        ends = [f"{end:,.10g}" for end in (self.minimum, self.maximum) if math.isfinite(end)]
        if not ends:
            return "it is a finite number"
        wanted = f"from {' to '.join(ends)}" if len(ends) == 2 else f"{ends[0]} or more"
        return "".join([f"it is {wanted}", *(f", or {value}" for value in self.special)])


@dataclass(frozen=True, kw_only=True)
class SplitConfig:
    """How many of each label's pictures are kept from training."""

    testing_percentage: Annotated[
        int, Flag("Percent of the pictures kept for the final test.", 0, 99)
    ] = 10
    validation_percentage: Annotated[
        int, Flag("Percent of the pictures kept to watch the training.", 0, 99)
    ] = 10

    def __post_init__(self) -> None:
        """Check what no flag can check alone."""
        check_flags(self)
        if self.testing_percentage + self.validation_percentage > 99:
            raise UsageError("--testing_percentage and --validation_percentage leave no training.")


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which pictures."""

    image_dir: Annotated[Path, Flag("Folder with one sub-folder of pictures a label.")]
    strict: Annotated[bool, Flag("Make a picture that cannot be read an error.")] = False
    split: SplitConfig = field(default_factory=SplitConfig)


@dataclass(frozen=True, kw_only=True)
class BackboneConfig:
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
        check_flags(self)
        if self.tfhub_module is not None and self.architecture != DEFAULT_ARCHITECTURE:
            raise UsageError("--architecture and --tfhub_module both name a network: leave one.")


@dataclass(frozen=True, kw_only=True)
class DistortConfig:
    """How the pictures that are trained on are changed; the kept ones never are."""

    flip_left_right: Annotated[bool, Flag("Mirror half of the training pictures.")] = False
    random_crop: Annotated[
        int, Flag("Percent of a margin around the part that a picture is cropped to.", 0, 400)
    ] = 0
    random_scale: Annotated[
        int, Flag("Percent by how much a picture is enlarged at most.", 0, 400)
    ] = 0
    random_brightness: Annotated[
        int, Flag("Percent by how much pixels are made brighter or darker at most.", 0, 100)
    ] = 0
    distortion_variants: Annotated[
        int, Flag("Distorted variants of a picture; 0 draws anew in every step.", 0, 1000)
    ] = 8

    def __post_init__(self) -> None:
        """Check each flag."""
        check_flags(self)

    @property
    def distorts(self) -> bool:
        """Whether anything is to be changed at all."""
        amounts = (self.random_crop, self.random_scale, self.random_brightness)
        return self.flip_left_right or any(amounts)


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How the head is trained."""

    how_many_training_steps: Annotated[int, Flag("Training steps.", 1, 10_000_000)] = 4000
    learning_rate: Annotated[float, Flag("Gradient descent step size.", 1e-9, 1e3)] = 0.01
    train_batch_size: Annotated[int, Flag("Pictures a training step.", 1, 100_000)] = 100
    validation_batch_size: Annotated[
        int, Flag("Pictures a validation; -1 is all of them.", 1, 100_000, special=(-1,))
    ] = 100
    test_batch_size: Annotated[
        int, Flag("Pictures of the final test; -1 is all of them.", 1, special=(-1,))
    ] = -1
    eval_step_interval: Annotated[int, Flag("Steps between evaluations.", 1)] = 10
    seed: Annotated[int, Flag("Same seed, same bytes.", 0, 2**63 - 1)] = 0

    def __post_init__(self) -> None:
        """Check each flag."""
        check_flags(self)


@dataclass(frozen=True, kw_only=True)
class OutputConfig:
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
        float | None, Flag("Test accuracy below which nothing is written (exit code 5).", 0, 1)
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
        check_flags(self)
        find_exporters(self.export)

    @property
    def exporters(self) -> tuple[Exporter, ...]:
        """The exports that were asked for, in the order of the flags."""
        asked = find_exporters(self.export)
        folder = () if self.saved_model_dir is None else (EXPORTERS["saved_model"],)
        return tuple(dict.fromkeys((*asked, *folder)))


@dataclass(frozen=True, kw_only=True)
class ReportConfig:
    """What is told on the way."""

    print_misclassified_test_images: Annotated[
        bool, Flag("List the test pictures that were named wrong.")
    ] = False
    logging_verbosity: Annotated[
        str, Flag("Least important lines to show.", choices=VERBOSITIES)
    ] = "INFO"

    def __post_init__(self) -> None:
        """Check each flag."""
        check_flags(self)


@dataclass(frozen=True, kw_only=True)
class RetrainConfig:
    """All that `retrain` is told."""

    data: DataConfig
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    distort: DistortConfig = field(default_factory=DistortConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    report: ReportConfig = field(default_factory=ReportConfig)


def flags_of(config: type) -> Iterator[tuple[str, type, Flag]]:
    """Yield name, type and Flag of each flag of a configuration, nested ones left out."""
    for name, hint in get_type_hints(config, include_extras=True).items():
        if get_origin(hint) is Annotated:
            kind, flag = get_args(hint)
            yield name, kind, flag


def check_flags(config: Any) -> None:  # noqa: ANN401 - any of the dataclasses above
    """Raise UsageError for the first value that its flag cannot take."""
    for name, _, flag in flags_of(type(config)):
        flag.check(name, getattr(config, name))


def defaults_of(config: type) -> dict[str, Any]:
    """Return each flag's default; a required one is not in it."""
    names = {name for name, _, _ in flags_of(config)}
    return {f.name: f.default for f in fields(config) if f.name in names}


@dataclass(frozen=True, kw_only=True)
class LabelConfig:
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
        """Check each flag."""
        check_flags(self)
        if self.input_std == 0:
            raise UsageError("--input_std 0: nothing can be divided by it.")

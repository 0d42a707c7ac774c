"""Whose labels a graph's outputs get, and what a user says that the graph knows better."""

from pathlib import Path

from poets.config.label import LabelConfig
from poets.config.places import TF_FILES
from poets.errors import ModelError
from poets.labels import read_labels
from poets.manifest import Manifest

_HINT = "Name the labels file of this graph with --labels."


def labels_for(config: LabelConfig, known: tuple[str, ...], n_outputs: int) -> tuple[str, ...]:
    """Return the labels that the user named, else those in the graph.

    Raises ModelError where their number is not the graph's.
    """
    labels = known if config.labels is None else read_labels(config.labels)
    if len(labels) != n_outputs:
        whose = config.labels or "its manifest"
        message = f"{config.graph} has {n_outputs} outputs, {whose} has {len(labels)} labels."
        raise ModelError(message, hint=_HINT)
    return labels


def find_labels(
    config: LabelConfig, inside: tuple[str, ...], n_outputs: int
) -> tuple[tuple[str, ...], dict[str, object]]:
    """Return a foreign graph's labels, and where they are guessed, the flag that names the file.

    Raises ModelError where none fit.
    """
    if config.labels or inside:
        return labels_for(config, inside, n_outputs), {}
    path = _beside(config.graph, n_outputs)
    return read_labels(path), {"labels": path}


def _beside(graph: Path, n_outputs: int) -> Path:
    """Return the file that scripts put beside a graph, the first with a label for each output."""
    counts = {path: len(read_labels(path)) for path in _usual(graph) if path.is_file()}
    for path, count in counts.items():
        if count == n_outputs:
            return path
    if not counts:
        message = f"{graph} does not name its labels, and no labels file is beside it."
        raise ModelError(message, hint=_HINT)
    path, count = next(iter(counts.items()))
    message = f"{graph} has {n_outputs} outputs, {path} has {count} labels."
    raise ModelError(message, hint=_HINT)


def told_otherwise(config: LabelConfig, manifest: Manifest) -> tuple[str, ...]:
    """Return a line for each flag that says other than the graph, which knows it better."""
    truth = {
        "input_height": manifest.preprocess.height,
        "input_width": manifest.preprocess.width,
        "input_mean": manifest.preprocess.mean,
        "input_std": manifest.preprocess.std,
        "input_layer": manifest.input_name,
        "output_layer": manifest.output_name,
    }
    told = {name: getattr(config, name) for name in truth}
    return tuple(
        f"--{name} {value} is not used: the graph itself says {truth[name]}"
        for name, value in told.items()
        if value is not None and _plain(value) != truth[name]
    )


def node_name(tensor: str) -> str:
    """Return the node of a tensor, as scripts spell it: `import/input:0` is `input`."""
    return tensor.removeprefix("import/").split(":")[0]


def _plain(value: object) -> object:
    return node_name(value) if isinstance(value, str) else value


def _usual(graph: Path) -> list[Path]:
    """Return the names of labels files that go with a graph, the surest first."""
    names = (
        f"{graph.stem.replace('graph', 'labels')}.txt",
        f"{graph.stem}_labels.txt",
        "retrained_labels.txt",
        "output_labels.txt",
        "labels.txt",
    )
    return [*(graph.with_name(name) for name in names), TF_FILES / "retrained_labels.txt"]

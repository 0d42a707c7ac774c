"""Whose labels a graph's outputs get, and what a user says that the graph knows better."""

from pathlib import Path

from poets.config import TF_FILES, LabelConfig
from poets.errors import ModelError
from poets.labels import read_labels
from poets.manifest import Manifest

_DEFAULT_LABELS = TF_FILES / "retrained_labels.txt"


def labels_for(config: LabelConfig, known: tuple[str, ...], n_outputs: int) -> tuple[str, ...]:
    """Return the labels that the user named, else those in the graph, else those beside it.

    Raises ModelError where their number is not the graph's.
    """
    path = config.labels
    if path is None and not known:
        path = _labels_beside(config.graph)
    labels = known if path is None else read_labels(path)
    if len(labels) != n_outputs:
        message = f"{config.graph} has {n_outputs} outputs, {path} has {len(labels)} labels."
        raise ModelError(message, hint="Name the labels file of this graph with --labels.")
    return labels


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
        if value is not None and _node(value) != truth[name]
    )


def _node(value: object) -> object:
    """Return a tensor's name as that of its node: `import/input:0` is `input`."""
    return value.removeprefix("import/").removesuffix(":0") if isinstance(value, str) else value


def _labels_beside(graph: Path) -> Path:
    beside = (graph.with_name(f"{graph.stem}_labels.txt"), graph.with_name("retrained_labels.txt"))
    return next((path for path in beside if path.is_file()), _DEFAULT_LABELS)

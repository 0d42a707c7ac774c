"""A classifier from a .pb that `retrain` wrote: to export it later."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from poets.backbones.compiled import FEATURES_NODE, Backbone
from poets.classifier import Classifier
from poets.errors import ModelError
from poets.export.frozen_graph import manifest_of, read_graph, take_apart
from poets.graph_ops import check_ops

_OURS = "Name the .pb that retrain wrote, or train with: retrain --image_dir FOLDER"


@contextmanager
def opened_classifier(path: Path) -> Iterator[Classifier]:
    """Yield backbone, head and manifest of a .pb; the backbone has no .tflite.

    Raises ModelError for a file that is no graph, and for a graph from elsewhere.
    """
    graph = read_graph(path)
    check_ops(graph, path, _OURS)
    manifest = manifest_of(graph)
    if manifest is None:
        raise ModelError(
            f"{path} does not say what pictures it takes: `retrain` did not write it.",
            hint=_OURS,
        )
    nodes = {node.name for node in graph.node}
    if not {manifest.input_name, manifest.output_name, FEATURES_NODE} <= nodes:
        raise ModelError(f"{path} is damaged: its manifest is another graph's.")
    network, head = take_apart(graph, manifest)
    with TemporaryDirectory(prefix="poets-") as folder:
        backbone = Backbone(
            architecture=manifest.architecture,
            digest=manifest.backbone_digest,
            preprocess=manifest.preprocess,
            feature_size=head.feature_size,
            folder=Path(folder),
            input_node=manifest.input_name,
        )
        backbone.graph_path.write_bytes(network.SerializeToString(deterministic=True))
        yield Classifier(backbone, head, manifest)

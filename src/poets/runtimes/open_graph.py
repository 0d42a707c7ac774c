"""Opening a frozen GraphDef: all that can be wrong with it is said before TensorFlow is loaded."""

from functools import cache

from tensorboard.compat.proto.graph_pb2 import GraphDef

from poets.config.label import LabelConfig
from poets.export.frozen_graph import manifest_of, read_graph
from poets.graph_ops import check_ops
from poets.manifest import Manifest
from poets.registry import load
from poets.runtimes.assume import make_preprocess, say_assumed
from poets.runtimes.ends import find_ends
from poets.runtimes.labels import find_labels, labels_for, told_otherwise
from poets.runtimes.model import Model
from poets.runtimes.nodes import Nodes
from poets.runtimes.usual import usual_channels, usual_scale, usual_size

_RUNNER = "poets.runtimes.frozen_graph:FrozenGraphRunner"  # imports TensorFlow, as does
_INNER = "poets.runtimes.graph_inner:GraphInner"


def open_graph(config: LabelConfig) -> Model:
    """Open a .pb; raises ModelError for one that is none, is refused or cannot be run."""
    graph = read_graph(config.graph)
    if not config.trust_graph:
        check_ops(graph, config.graph)
    manifest = manifest_of(graph)
    return _open_foreign(graph, config) if manifest is None else _open_own(graph, manifest, config)


def _open_own(graph: GraphDef, manifest: Manifest, config: LabelConfig) -> Model:
    ends = find_ends(Nodes(graph), manifest.input_name, manifest.output_name)
    runner = load(_RUNNER)(graph, ends, manifest.preprocess)
    return Model(
        labels_for(config, manifest.labels, runner.n_outputs),
        manifest.preprocess,
        lambda: runner,
        runner.run_batch,
        told_otherwise(config, manifest),
        manifest,
        cache(lambda: load(_INNER)(graph, ends, manifest.preprocess)),
    )


def _open_foreign(graph: GraphDef, config: LabelConfig) -> Model:
    nodes = Nodes(graph)
    ends = find_ends(nodes, config.input_layer, config.output_layer)
    size, sure = usual_size(nodes, ends.source)
    shape = (*size, usual_channels(ends.source))
    preprocess = make_preprocess(shape, usual_scale(nodes, ends.source), config)
    runner = load(_RUNNER)(graph, ends, preprocess)
    labels, labels_flag = find_labels(config, (), runner.n_outputs)
    sizes = {} if sure else {"input_height": preprocess.height, "input_width": preprocess.width}
    guessed = {
        "input_layer": ends.source.name,
        **sizes,
        "input_mean": preprocess.mean,
        "input_std": preprocess.std,
        "output_layer": ends.sink.name,
        **labels_flag,
    }
    return Model(
        labels,
        preprocess,
        lambda: runner,
        runner.run_batch,
        say_assumed(config, guessed),
        make_inner=cache(lambda: load(_INNER)(graph, ends, preprocess)),
    )

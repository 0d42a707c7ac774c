"""Graphs as the scripts of 2015 to 2018 left them: node names, shapes and all."""

import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from poets.backbones.quiet_tensorflow import tf

LABELS = ("daisy", "dandelion", "rose", "sunflower", "tulip")
BOTTLENECK = "MobilenetV1/Predictions/Reshape"  # the codelab's: 1001 class outputs
Array: TypeAlias = npt.NDArray[Any]
GraphDef: TypeAlias = tf.compat.v1.GraphDef
v1 = tf.compat.v1


def write(graph: GraphDef, path: Path, labels: Iterable[str] = LABELS) -> Path:
    """Write a graph, and beside it labels as the scripts did, with an empty line at the end."""
    path.write_bytes(graph.SerializeToString())
    text = "".join(f"{label}\n" for label in labels) + "\n"
    path.with_name("retrained_labels.txt").write_text(text)
    return path


def build(body: Callable[[], Any], output: str = "final_result") -> GraphDef:
    """Return what `body` builds in a graph of its own, less what `output` does not need.

    Without a version, as the scripts' freezing left it.
    """
    with tf.Graph().as_default() as graph:
        body()
    part = v1.graph_util.extract_sub_graph(graph.as_graph_def(), [output])
    part.ClearField("versions")
    return part


def network(image: tf.Tensor, n_labels: int = 5, seed: int = 0) -> tf.Tensor:
    """A small network with random weights, whose scores hang on every pixel; its logits."""
    rng = np.random.default_rng(seed)
    kernel = tf.constant(rng.normal(0, 0.2, (5, 5, 3, 16)), tf.float32)
    x = tf.nn.relu(tf.nn.conv2d(image, kernel, strides=4, padding="SAME"))
    return bottleneck_head(tf.reduce_mean(x, [1, 2]), rng.normal(0, 1, (16, n_labels)))


def bottleneck_head(bottleneck: tf.Tensor, weights: Array) -> tf.Tensor:
    """What the script adds behind a network: a default for the bottleneck, and a dense layer."""
    with tf.name_scope("input"):
        bottleneck = v1.placeholder_with_default(
            bottleneck, [None, weights.shape[0]], "BottleneckInputPlaceholder"
        )
        v1.placeholder(tf.int64, [None], "GroundTruthInput")
    with tf.name_scope("final_training_ops"):
        dense = tf.constant(weights, tf.float32, name="weights/final_weights")
        return tf.add(tf.matmul(bottleneck, dense), 0.1, name="Wx_plus_b/add")


def codelab_mobilenet(archive: Path, flowers: Path) -> GraphDef:
    """The 2017 archive's graph, retrained as the codelab did, on some of the photos."""
    with tarfile.open(archive) as tar:
        name = next(name for name in tar.getnames() if name.endswith("frozen_graph.pb"))
        member = tar.extractfile(name)
        assert member is not None
        graph = v1.GraphDef.FromString(member.read())
    photos = [(i, p) for i, n in enumerate(LABELS) for p in sorted((flowers / n).iterdir())[:40]]
    side = int(archive.name.split("_")[3])
    features = run(
        graph, f"{BOTTLENECK}:0", "input:0", [load(p, side, 127.5, 127.5) for _, p in photos]
    )
    head = LogisticRegression(C=0.1, max_iter=300).fit(features, [i for i, _ in photos])

    def body() -> None:
        (bottleneck,) = tf.import_graph_def(graph, name="", return_elements=[f"{BOTTLENECK}:0"])
        logits = bottleneck_head(bottleneck, head.coef_.T)
        tf.nn.softmax(logits + tf.constant(head.intercept_, tf.float32), name="final_result")

    return build(body)


def load(photo: Path, side: int, mean: float, std: float) -> Array:
    """Read a photo as the scripts did: TensorFlow's decoder and its resize of 2017."""
    pixels = tf.cast(tf.io.decode_jpeg(photo.read_bytes(), channels=3), tf.float32)
    scaled = v1.image.resize_bilinear(pixels[tf.newaxis], [side, side])
    values: Array = ((scaled - mean) / std).numpy()[0]
    return values


def run(graph: GraphDef, output: str, entry: str, pictures: Iterable[Any]) -> Array:
    """Run a graph as the scripts did, one picture after the other; f32[n, d]."""
    with tf.Graph().as_default() as loaded, v1.Session(graph=loaded) as session:
        v1.import_graph_def(graph, name="import")
        feeds = [p if isinstance(p, bytes) else p[np.newaxis] for p in pictures]
        rows = [session.run(f"import/{output}", {f"import/{entry}": feed}) for feed in feeds]
    return np.stack([row.reshape(-1) for row in rows])


class _Nodes:
    """Writes nodes that TensorFlow itself makes no more."""

    def __init__(self) -> None:
        self.graph = v1.GraphDef()

    def add(self, op: str, name: str, *inputs: str, **attrs: object) -> str:
        node = self.graph.node.add(name=name, op=op, input=inputs)
        for key, value in attrs.items():
            if isinstance(value, tf.DType):
                node.attr[key].type = value.as_datatype_enum
            elif isinstance(value, list):
                node.attr[key].list.i.extend(value)
            elif isinstance(value, bool):
                node.attr[key].b = value
            elif isinstance(value, int):
                node.attr[key].i = value
            elif isinstance(value, float):
                node.attr[key].f = value
            else:
                node.attr[key].s = value
        return name

    def constant(self, name: str, value: object, dtype: tf.DType = tf.float32) -> str:
        self.add("Const", name, dtype=dtype)
        self.graph.node[-1].attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, dtype))
        return name


def inception_2015(producer: int = 0) -> GraphDef:
    """The names and operations of the Inception of 2015, retrained in 2017; random weights."""
    nodes, rng = _Nodes(), np.random.default_rng(0)
    nodes.graph.versions.producer = producer
    _decoder_2015(nodes)
    x = _convolution(nodes, "conv", "Mul", rng.normal(0, 0.3, (7, 7, 3, 16)), 16)
    towers = [
        _convolution(nodes, f"mixed/{name}", x, rng.normal(0, 0.5, (1, 1, 16, 16)), 1)
        for name in ("conv", "tower/conv")
    ]
    axis = nodes.constant("mixed/join/concat_dim", 3, tf.int32)
    nodes.add("Concat", "mixed/join", axis, *towers, T=tf.float32, N=2)
    size = [1, 19, 19, 1]
    nodes.add(
        "AvgPool", "pool_3", "mixed/join", T=tf.float32, ksize=size, strides=[1] * 4,
        padding=b"VALID",
    )  # fmt: skip
    shape = nodes.constant("pool_3/_reshape/shape", [1, 32], tf.int32)
    nodes.add("Reshape", "pool_3/_reshape", "pool_3", shape, T=tf.float32)
    name = nodes.add(
        "PlaceholderWithDefault", "input/BottleneckInputPlaceholder", "pool_3/_reshape",
        dtype=tf.float32,
    )  # fmt: skip
    nodes.graph.node[-1].attr["shape"].shape.CopyFrom(tf.TensorShape([None, 32]).as_proto())
    weights = nodes.constant(
        "final_training_ops/weights/final_weights", rng.normal(0, 0.1, (32, 5))
    )
    nodes.add("MatMul", "final_training_ops/Wx_plus_b/MatMul", name, weights, T=tf.float32)
    biases = nodes.constant("final_training_ops/biases/final_biases", np.zeros(5))
    logits = "final_training_ops/Wx_plus_b/add"
    nodes.add("Add", logits, "final_training_ops/Wx_plus_b/MatMul", biases, T=tf.float32)
    nodes.add("Softmax", "final_result", logits, T=tf.float32)
    return nodes.graph


def _decoder_2015(nodes: _Nodes) -> None:
    nodes.constant("DecodeJpeg/contents", b"", tf.string)
    nodes.add("DecodeJpeg", "DecodeJpeg", "DecodeJpeg/contents", channels=3)
    nodes.add("Cast", "Cast", "DecodeJpeg", SrcT=tf.uint8, DstT=tf.float32)
    nodes.constant("ExpandDims/dim", 0, tf.int32)
    nodes.add("ExpandDims", "ExpandDims", "Cast", "ExpandDims/dim", T=tf.float32)
    nodes.constant("ResizeBilinear/size", [299, 299], tf.int32)
    nodes.add("ResizeBilinear", "ResizeBilinear", "ExpandDims", "ResizeBilinear/size", T=tf.float32)
    nodes.constant("Sub/y", 128.0)
    nodes.add("Sub", "Sub", "ResizeBilinear", "Sub/y", T=tf.float32)
    nodes.constant("Mul/y", 1 / 128)
    nodes.add("Mul", "Mul", "Sub", "Mul/y", T=tf.float32)


def _convolution(nodes: _Nodes, name: str, entry: str, kernel: Array, stride: int) -> str:
    weights = nodes.constant(f"{name}/conv2d_params", kernel)
    nodes.add(
        "Conv2D", f"{name}/Conv2D", entry, weights, T=tf.float32, strides=[1, stride, stride, 1],
        padding=b"SAME",
    )  # fmt: skip
    size = kernel.shape[-1]
    parts = {"mean": np.zeros(size), "variance": np.ones(size)}
    parts |= {"beta": np.full(size, 0.1), "gamma": np.ones(size)}
    named = [nodes.constant(f"{name}/batchnorm/{part}", value) for part, value in parts.items()]
    nodes.add(
        "BatchNormWithGlobalNormalization", f"{name}/batchnorm", f"{name}/Conv2D", *named,
        T=tf.float32, variance_epsilon=0.001, scale_after_normalization=True,
    )  # fmt: skip
    nodes.add(
        "CheckNumerics", f"{name}/CheckNumerics", f"{name}/batchnorm", T=tf.float32, message=b"NaN"
    )
    checked = nodes.add(
        "Identity", f"{name}/control_dependency", f"{name}/batchnorm", f"^{name}/CheckNumerics",
        T=tf.float32,
    )  # fmt: skip
    return nodes.add("Relu", name, checked, T=tf.float32)

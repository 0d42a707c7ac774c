"""A graph laid out as Inception v3's of 2015: the same nodes at its ends, random weights."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from poets.backbones.quiet_tensorflow import tf

FEATURE_SIZE = 2048
_PRODUCER = 8  # later versions refuse the batch norm of 2015
_FLOAT = tf.float32.as_datatype_enum

GraphDef: TypeAlias = tf.compat.v1.GraphDef
Values = npt.NDArray[np.float32]


def inception_graph(size: int = 299) -> GraphDef:
    """From a JPEG to 1008 classes, with `Mul` and `pool_3/_reshape` between them."""
    rng = np.random.default_rng(2015)
    graph = GraphDef(versions={"producer": _PRODUCER})
    _add_decoder(graph, size)
    side = (size - 16) // 16 + 1
    for branch, channels in (("conv", 8), ("conv_1", 4)):
        weights = rng.normal(0, 0.05, (16, 16, 3, channels)).astype(np.float32)
        _add_conv(graph, branch, "Mul", weights, stride=16)
        _add_batch_norm(graph, branch, rng.uniform(0.5, 1.5, (4, channels)).astype(np.float32))
    _constant(graph, "mixed/join/concat_dim", np.int32(3))
    join = _node(graph, "mixed/join", "Concat", ["mixed/join/concat_dim", "conv", "conv_1"])
    join.attr["N"].i = 2
    weights = rng.normal(0, 0.4, (1, 1, 12, FEATURE_SIZE)).astype(np.float32)
    _add_conv(graph, "mixed_10", "mixed/join", weights, stride=1)
    pool = _node(graph, "pool_3", "AvgPool", ["mixed_10/Conv2D"])
    pool.attr["ksize"].list.i.extend([1, side, side, 1])
    pool.attr["strides"].list.i.extend([1, 1, 1, 1])
    pool.attr["padding"].s = b"VALID"
    _constant(graph, "pool_3/_reshape/shape", np.array([1, FEATURE_SIZE], np.int32))
    _typed(_node(graph, "pool_3/_reshape", "Reshape", ["pool_3", "pool_3/_reshape/shape"]))
    weights = rng.normal(0, 0.01, (FEATURE_SIZE, 1008)).astype(np.float32)
    _constant(graph, "softmax/weights", weights)
    _node(graph, "softmax/logits", "MatMul", ["pool_3/_reshape", "softmax/weights"])
    _node(graph, "softmax", "Softmax", ["softmax/logits"])
    return graph


def _add_decoder(graph: GraphDef, size: int) -> None:
    _constant(graph, "DecodeJpeg/contents", np.array(b"", object))
    jpeg = graph.node.add(name="DecodeJpeg", op="DecodeJpeg", input=["DecodeJpeg/contents"])
    jpeg.attr["channels"].i = 3
    cast = graph.node.add(name="Cast", op="Cast", input=["DecodeJpeg"])
    cast.attr["SrcT"].type = tf.uint8.as_datatype_enum
    cast.attr["DstT"].type = _FLOAT
    _constant(graph, "ExpandDims/dim", np.int32(0))
    _node(graph, "ExpandDims", "ExpandDims", ["Cast", "ExpandDims/dim"])
    _constant(graph, "ResizeBilinear/size", np.array([size, size], np.int32))
    _node(graph, "ResizeBilinear", "ResizeBilinear", ["ExpandDims", "ResizeBilinear/size"])
    _constant(graph, "Sub/y", np.float32(128))
    _node(graph, "Sub", "Sub", ["ResizeBilinear", "Sub/y"])
    _constant(graph, "Mul/y", np.float32(1 / 128))
    _node(graph, "Mul", "Mul", ["Sub", "Mul/y"])


def _add_conv(graph: GraphDef, name: str, entry: str, weights: Values, stride: int) -> None:
    _constant(graph, f"{name}/conv2d_params", weights)
    conv = _node(graph, f"{name}/Conv2D", "Conv2D", [entry, f"{name}/conv2d_params"])
    conv.attr["strides"].list.i.extend([1, stride, stride, 1])
    conv.attr["padding"].s = b"VALID"


def _add_batch_norm(graph: GraphDef, name: str, statistics: Values) -> None:
    """Add what is behind a convolution: mean, variance, beta and gamma, a check, a ReLU."""
    names = [f"{name}/batchnorm/{part}" for part in ("mean", "variance", "beta", "gamma")]
    for part, values in zip(names, statistics, strict=True):
        _constant(graph, part, values)
    norm = _node(
        graph,
        f"{name}/batchnorm",
        "BatchNormWithGlobalNormalization",
        [f"{name}/Conv2D", *names],
    )
    norm.attr["variance_epsilon"].f = 0.001
    norm.attr["scale_after_normalization"].b = name == "conv"
    check = _node(graph, f"{name}/CheckNumerics", "CheckNumerics", [f"{name}/batchnorm"])
    check.attr["message"].s = b"batch norm"
    waits = [f"{name}/batchnorm", f"^{name}/CheckNumerics"]
    _node(graph, f"{name}/control_dependency", "Identity", waits)
    _node(graph, name, "Relu", [f"{name}/control_dependency"])


def _node(graph: GraphDef, name: str, op: str, inputs: Sequence[str]) -> tf.compat.v1.NodeDef:
    return _typed(graph.node.add(name=name, op=op, input=inputs))


def _typed(node: tf.compat.v1.NodeDef) -> tf.compat.v1.NodeDef:
    node.attr["T"].type = _FLOAT
    return node


def _constant(graph: GraphDef, name: str, value: npt.NDArray[np.generic] | np.generic) -> None:
    proto = tf.make_tensor_proto(value)
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = proto.dtype
    node.attr["value"].tensor.CopyFrom(proto)

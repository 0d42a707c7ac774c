"""From a frozen graph to Keras layers, one operation after the other.

Only operations that have a Keras layer of the same meaning are known; what is computed of
constants alone is computed here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TypeAlias

import numpy as np

from poets.backbones.quiet_tensorflow import keras, tf
from poets.errors import ModelError
from poets.export.keras_affine import Affine, Array, of_layer, of_tensor

layers = keras.layers
Node: TypeAlias = tf.compat.v1.NodeDef
Value: TypeAlias = "Array | Affine"
Operation: TypeAlias = Callable[[Node, Sequence[Value]], Value]
_HINT = "The other formats take every network; `poets export --help` lists them."


class UnknownOperationError(Exception):
    """This cannot be said with Keras layers."""


def to_keras(graph: tf.compat.v1.GraphDef, source: str, output: str) -> keras.Model:
    """Build the model from the node `source`, the pictures, to the node `output`.

    Raises ModelError naming the first operation that has no Keras layer here.
    """
    copied = tf.compat.v1.GraphDef()
    copied.CopyFrom(graph)  # asking a node for an attribute that it has not would add it
    nodes = {node.name: node for node in copied.node}
    image = keras.Input([dim.size for dim in nodes[source].attr["shape"].shape.dim][1:])
    values: dict[str, Value] = {source: of_tensor(image)}
    known = {name: [one for one in _inputs(node) if one in nodes] for name, node in nodes.items()}
    order = TopologicalSorter(known)
    readers = Counter(one for inputs in known.values() for one in inputs)
    for name in order.static_order():
        if name != source:
            node = nodes[name]
            try:
                values[name] = _translate(node, [values[one] for one in _inputs(node)])
            except (UnknownOperationError, KeyError, ValueError, TypeError) as error:
                message = f"keras: this network has {node.op} in it, which is no Keras layer"
                raise ModelError(f"{message} (node '{name}').", hint=_HINT) from error
            if readers[name] > 1:  # else each would make the layer for itself
                values[name] = _made(values[name])
    return keras.Model(image, _tensor(values[output]))


def _made(value: Value) -> Value:
    return of_tensor(value.tensor) if isinstance(value, Affine) else value


def _inputs(node: Node) -> list[str]:
    return [name.removesuffix(":0") for name in node.input if not name.startswith("^")]


def _translate(node: Node, inputs: Sequence[Value]) -> Value:
    if node.op == "Const":
        return np.asarray(tf.make_ndarray(node.attr["value"].tensor))
    if all(isinstance(value, np.ndarray) for value in inputs):
        return np.asarray(_OF_CONSTANTS[node.op](node, *inputs))
    return _OPERATIONS[node.op](node, inputs)


def _tensor(value: Value) -> keras.KerasTensor:
    if isinstance(value, Affine):
        return value.tensor
    raise UnknownOperationError("a constant where a picture's values are wanted")


def _constant(value: Value) -> Array:
    if isinstance(value, np.ndarray):
        return value
    raise UnknownOperationError("weights that are computed")


def _same(_: Node, inputs: Sequence[Value]) -> Value:
    return inputs[0]


def _conv(node: Node, inputs: Sequence[Value]) -> Value:
    x, kernel = _tensor(inputs[0]), _constant(inputs[1])
    groups = x.shape[-1] // kernel.shape[2]
    layer = layers.Conv2D(kernel.shape[3], kernel.shape[:2], groups=groups, **_window(node))
    return of_layer(layer, x, kernel)


def _depthwise(node: Node, inputs: Sequence[Value]) -> Value:
    x, kernel = _tensor(inputs[0]), _constant(inputs[1])
    size, multiplier = kernel.shape[:2], kernel.shape[3]
    layer = layers.DepthwiseConv2D(size, depth_multiplier=multiplier, **_window(node))
    return of_layer(layer, x, kernel)


def _window(node: Node) -> dict[str, object]:
    """Return how a kernel moves, in Keras's words."""
    if node.attr["data_format"].s not in {b"", b"NHWC"}:
        raise UnknownOperationError("channels first")
    padding = node.attr["padding"].s.decode().lower()
    dilations = tuple(node.attr["dilations"].list.i)[1:3] or (1, 1)
    return {
        "strides": tuple(node.attr["strides"].list.i)[1:3],
        "padding": padding,
        "dilation_rate": dilations,
    }


def _dense(node: Node, inputs: Sequence[Value]) -> Value:
    x, kernel = _tensor(inputs[0]), _constant(inputs[1])
    if node.attr["transpose_a"].b or node.attr["transpose_b"].b:
        raise UnknownOperationError(node.op)
    return of_layer(layers.Dense(kernel.shape[1]), x, kernel)


def _add(_: Node, inputs: Sequence[Value]) -> Value:
    affine, other = sorted(inputs, key=lambda value: isinstance(value, np.ndarray))
    assert isinstance(affine, Affine)
    if isinstance(other, np.ndarray):
        return affine.plus(other)
    return of_tensor(layers.Add()([_tensor(value) for value in inputs]))


def _subtract(_: Node, inputs: Sequence[Value]) -> Value:
    first, second = inputs
    if isinstance(first, Affine) and isinstance(second, np.ndarray):
        return first.plus(-second)
    if isinstance(second, Affine) and isinstance(first, np.ndarray):
        return second.times(np.array(-1.0)).plus(first)
    return of_tensor(layers.Subtract()([_tensor(value) for value in inputs]))


def _multiply(_: Node, inputs: Sequence[Value]) -> Value:
    affine, other = sorted(inputs, key=lambda value: isinstance(value, np.ndarray))
    assert isinstance(affine, Affine)
    if isinstance(other, np.ndarray):
        return affine.times(other)
    return of_tensor(layers.Multiply()([_tensor(value) for value in inputs]))


def _divide(_: Node, inputs: Sequence[Value]) -> Value:
    affine, divisor = inputs
    if not isinstance(affine, Affine):
        raise UnknownOperationError("a number divided by a picture's values")
    return affine.times(1.0 / _constant(divisor))


def _batch_norm(node: Node, inputs: Sequence[Value]) -> Value:
    affine = inputs[0]
    gamma, beta, mean, variance = (_constant(value).astype(np.float64) for value in inputs[1:])
    if not isinstance(affine, Affine) or node.attr["is_training"].b:
        raise UnknownOperationError(node.op)
    scale = gamma / np.sqrt(variance + node.attr["epsilon"].f)
    return affine.times(scale).plus(beta - mean * scale)


def _activation(layer: str, **settings: float) -> Operation:
    def operation(_: Node, inputs: Sequence[Value]) -> Value:
        return of_tensor(getattr(layers, layer)(**settings)(_tensor(inputs[0])))

    return operation


def _sigmoid(_: Node, inputs: Sequence[Value]) -> Value:
    return of_tensor(layers.Activation("sigmoid")(_tensor(inputs[0])))


def _pool(layer: str) -> Operation:
    def operation(node: Node, inputs: Sequence[Value]) -> Value:
        window = _window(node)
        size = tuple(node.attr["ksize"].list.i)[1:3]
        pool = getattr(layers, layer)(size, window["strides"], window["padding"])
        return of_tensor(pool(_tensor(inputs[0])))

    return operation


def _mean(node: Node, inputs: Sequence[Value]) -> Value:
    x, axes = _tensor(inputs[0]), _constant(inputs[1])
    if sorted(int(axis) % 4 for axis in axes.reshape(-1)) != [1, 2]:
        raise UnknownOperationError(node.op)
    pool = layers.GlobalAveragePooling2D(keepdims=node.attr["keep_dims"].b)
    return of_tensor(pool(x))


def _squeeze(node: Node, inputs: Sequence[Value]) -> Value:
    x = _tensor(inputs[0])
    gone = {axis % len(x.shape) for axis in node.attr["squeeze_dims"].list.i}
    kept = [size for axis, size in enumerate(x.shape) if axis not in gone]
    return of_tensor(layers.Reshape(kept[1:])(x))


def _reshape(_: Node, inputs: Sequence[Value]) -> Value:
    x, shape = _tensor(inputs[0]), _constant(inputs[1])
    return of_tensor(layers.Reshape([int(size) for size in shape[1:]])(x))


def _shape(_: Node, inputs: Sequence[Value]) -> Value:
    """Return a tensor's shape, with -1 for the number of pictures."""
    return np.array([-1 if size is None else size for size in _tensor(inputs[0]).shape])


def _element(node: Node, values: Array, begin: Array, *_: Array) -> Array:
    """Return the one element that is cut out of a shape; others are cut out of no shape."""
    if node.attr["shrink_axis_mask"].i != 1 or values.ndim != 1:
        raise UnknownOperationError(node.op)
    return np.asarray(values[int(begin[0])])


def _pad(_: Node, inputs: Sequence[Value]) -> Value:
    x, margins = _tensor(inputs[0]), _constant(inputs[1]).tolist()
    if len(margins) != 4 or margins[0] != [0, 0] or margins[3] != [0, 0]:
        raise UnknownOperationError("padding of channels")
    return of_tensor(layers.ZeroPadding2D(margins[1:3])(x))


def _concatenate(_: Node, inputs: Sequence[Value]) -> Value:
    *parts, axis = inputs
    layer = layers.Concatenate(axis=int(_constant(axis)))
    return of_tensor(layer([_tensor(part) for part in parts]))


_OPERATIONS: Mapping[str, Operation] = {
    "Identity": _same,
    "IdentityN": _same,
    "Shape": _shape,
    "Conv2D": _conv,
    "DepthwiseConv2dNative": _depthwise,
    "MatMul": _dense,
    "BiasAdd": _add,
    "Add": _add,
    "AddV2": _add,
    "Sub": _subtract,
    "Mul": _multiply,
    "RealDiv": _divide,
    "FusedBatchNormV3": _batch_norm,
    "Relu": _activation("ReLU"),
    "Relu6": _activation("ReLU", max_value=6.0),
    "Softmax": _activation("Softmax"),
    "Sigmoid": _sigmoid,
    "AvgPool": _pool("AveragePooling2D"),
    "MaxPool": _pool("MaxPooling2D"),
    "Mean": _mean,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Pad": _pad,
    "ConcatV2": _concatenate,
}
_OF_CONSTANTS: Mapping[str, Callable[..., Array]] = {
    "Identity": lambda _, x: x,
    "Add": lambda _, x, y: x + y,
    "AddV2": lambda _, x, y: x + y,
    "Sub": lambda _, x, y: x - y,
    "Mul": lambda _, x, y: x * y,
    "RealDiv": lambda _, x, y: x / y,
    "Maximum": lambda _, x, y: np.maximum(x, y),
    "Sqrt": lambda _, x: np.sqrt(x),
    "Rsqrt": lambda _, x: 1.0 / np.sqrt(x),
    "Reshape": lambda _, x, shape: x.reshape(shape),
    "Squeeze": lambda _, x: x.squeeze(),
    "Pack": lambda _, *parts: np.stack(parts),
    "StridedSlice": _element,
}

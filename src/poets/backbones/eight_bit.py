"""Graphs that keep weights in 8 bits, as `quantized_graph.pb` of the codelab's archives does."""

from poets.backbones.quiet_tensorflow import tf


def with_plain_weights(graph: tf.compat.v1.GraphDef) -> tf.compat.v1.GraphDef:
    """Return the graph with a float constant for each Dequantize that reads constants alone.

    It is what TensorFlow computes of them in each run; LiteRT's converter cannot.
    """
    constants = {node.name for node in graph.node if node.op == "Const"}
    folded = [
        node.name
        for node in graph.node
        if node.op == "Dequantize" and constants.issuperset(_nodes_read(node))
    ]
    if not folded:
        return graph
    everything = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph, name=""), [])
    weights = everything.prune([], [f"{name}:0" for name in folded])()
    plain = tf.compat.v1.GraphDef()
    plain.CopyFrom(graph)
    values = dict(zip(folded, weights, strict=True))
    for node in plain.node:
        if node.name in values:
            node.CopyFrom(_constant(node.name, values[node.name]))
    return plain


def _nodes_read(node: tf.compat.v1.NodeDef) -> set[str]:
    return {name.partition(":")[0] for name in node.input}


def _constant(name: str, value: tf.Tensor) -> tf.compat.v1.NodeDef:
    constant = tf.compat.v1.NodeDef(name=name, op="Const")
    constant.attr["dtype"].type = value.dtype.as_datatype_enum
    constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    return constant

"""The graph and the LiteRT model of no network: a picture goes in, its pixels in a row come out."""

import math
from pathlib import Path

import flatbuffers
from ai_edge_litert import schema_py_generated as schema
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT, DT_INT32

from poets.backbones.compiled import FEATURES_NODE, GRAPH_FILE, TFLITE_FILE
from poets.backbones.spec import INPUT_NODE, BackboneSpec

_PRODUCER = 27  # GraphDef's version of TensorFlow 1.12: whatever reads graphs reads this one
_SHAPE_NODE = "pixels/shape"


def compile_pixels(spec: BackboneSpec, weights: Path, folder: Path) -> int:  # noqa: ARG001
    """Write graph and LiteRT model into `folder`, made of nothing; return how many features."""
    shape = spec.preprocess.shape
    (folder / GRAPH_FILE).write_bytes(_graph(shape).SerializeToString(deterministic=True))
    (folder / TFLITE_FILE).write_bytes(_tflite(shape))
    return spec.feature_size


def _graph(shape: tuple[int, int, int]) -> GraphDef:
    """Return f32[-1, *shape] -> f32[-1, d]."""
    graph = GraphDef()
    graph.versions.producer = _PRODUCER
    source = graph.node.add(name=INPUT_NODE, op="Placeholder")
    source.attr["dtype"].type = DT_FLOAT
    for size in (-1, *shape):
        source.attr["shape"].shape.dim.add(size=size)
    target = graph.node.add(name=_SHAPE_NODE, op="Const")
    target.attr["dtype"].type = DT_INT32
    tensor = target.attr["value"].tensor
    tensor.dtype = DT_INT32
    tensor.tensor_shape.dim.add(size=2)
    tensor.int_val.extend([-1, math.prod(shape)])
    features = graph.node.add(name=FEATURES_NODE, op="Reshape", input=[INPUT_NODE, _SHAPE_NODE])
    features.attr["T"].type = DT_FLOAT
    features.attr["Tshape"].type = DT_INT32
    return graph


def _tflite(shape: tuple[int, int, int]) -> bytes:
    """Return f32[1, *shape] -> f32[1, d]."""
    flat = [1, math.prod(shape)]
    ends = {INPUT_NODE: [1, *shape], FEATURES_NODE: flat}
    code = schema.BuiltinOperator.RESHAPE
    reshape = schema.OperatorT(
        inputs=[0],
        outputs=[1],
        builtinOptionsType=schema.BuiltinOptions.ReshapeOptions,
        builtinOptions=schema.ReshapeOptionsT(newShape=flat),
    )
    tensors = [
        schema.TensorT(name=name, shape=sizes, type=schema.TensorType.FLOAT32, buffer=0)
        for name, sizes in ends.items()
    ]
    graph = schema.SubGraphT(inputs=[0], outputs=[1], operators=[reshape], tensors=tensors)
    model = schema.ModelT(
        version=3,
        buffers=[schema.BufferT()],
        subgraphs=[graph],
        operatorCodes=[schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=code)],
    )
    builder = flatbuffers.Builder(1 << 10)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())

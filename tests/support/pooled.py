"""A real backbone that ends in a map of places and their mean: 8 x 8 average colours."""

import json
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT, DT_INT32

from poets.backbones.compiled import GRAPH_FILE, INFO_FILE, TFLITE_FILE, Backbone
from poets.pipeline import RetrainResult, retrain
from poets.preprocess import FloatArray
from poets.report import Reporter
from tests.support.backbones import ARCHITECTURE, PREPROCESS, SIZE
from tests.support.retraining import config_in

PLACES = 8  # along each side of the map
FEATURE_SIZE = 3


def pooled_backbone(folder: Path) -> Backbone:
    """Write the backbone's files to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {GRAPH_FILE: _graph().SerializeToString(), TFLITE_FILE: _tflite()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    info = {
        "architecture": ARCHITECTURE,
        "preprocess": PREPROCESS.to_dict(),
        "feature_size": FEATURE_SIZE,
        "digest": "pooled",
        "sizes": {name: len(content) for name, content in files.items()},
    }
    (folder / INFO_FILE).write_text(json.dumps(info))
    return Backbone(ARCHITECTURE, "pooled", PREPROCESS, FEATURE_SIZE, folder)


def retrain_pooled_in(folder: Path) -> RetrainResult:
    """Retrain in `folder`, where graph.pb, graph.tflite and labels.txt appear."""
    config = config_in(folder)
    pooled_backbone(next((folder / "models" / "compiled").iterdir()))
    return retrain(config, Reporter())


def colours_of(values: FloatArray) -> FloatArray:
    """What the map holds for f32[128, 128, 3], in NumPy."""
    side = SIZE // PLACES
    colours: FloatArray = values.reshape(PLACES, side, PLACES, side, 3).mean(axis=(1, 3))
    return colours


def _graph() -> GraphDef:
    graph = GraphDef()
    source = graph.node.add(name="input", op="Placeholder")
    source.attr["dtype"].type = DT_FLOAT
    for size in (-1, SIZE, SIZE, 3):
        source.attr["shape"].shape.dim.add(size=size)
    places = graph.node.add(name="places", op="AvgPool", input=["input"])
    places.attr["T"].type = DT_FLOAT
    places.attr["padding"].s = b"VALID"
    for name in ("ksize", "strides"):
        places.attr[name].list.i.extend([1, SIZE // PLACES, SIZE // PLACES, 1])
    axes = graph.node.add(name="axes", op="Const")
    axes.attr["dtype"].type = DT_INT32
    axes.attr["value"].tensor.dtype = DT_INT32
    axes.attr["value"].tensor.tensor_shape.dim.add(size=2)
    axes.attr["value"].tensor.int_val.extend([1, 2])
    features = graph.node.add(name="features", op="Mean", input=["places", "axes"])
    features.attr["T"].type = DT_FLOAT
    features.attr["Tidx"].type = DT_INT32
    return graph


def _tflite() -> bytes:
    side = SIZE // PLACES
    types = schema.TensorType
    tensors = (
        ("input", (1, SIZE, SIZE, 3), types.FLOAT32, 0),
        ("places", (1, PLACES, PLACES, 3), types.FLOAT32, 0),
        ("axes", (2,), types.INT32, 1),
        ("features", (1, FEATURE_SIZE), types.FLOAT32, 0),
    )
    axes = np.frombuffer(np.array([1, 2], "<i4").tobytes(), np.uint8)
    pool = schema.Pool2DOptionsT(
        padding=schema.Padding.VALID,
        strideH=side,
        strideW=side,
        filterHeight=side,
        filterWidth=side,
    )
    kinds, options = schema.BuiltinOperator, schema.BuiltinOptions
    steps = (
        (kinds.AVERAGE_POOL_2D, [0], [1], options.Pool2DOptions, pool),
        (kinds.MEAN, [1, 2], [3], options.ReducerOptions, schema.ReducerOptionsT()),
    )
    graph = schema.SubGraphT(inputs=[0], outputs=[3])
    graph.tensors = [
        schema.TensorT(name=name, shape=list(shape), type=kind, buffer=buffer)
        for name, shape, kind, buffer in tensors
    ]
    graph.operators = [
        schema.OperatorT(
            opcodeIndex=index,
            inputs=inputs,
            outputs=outputs,
            builtinOptionsType=kind,
            builtinOptions=values,
        )
        for index, (_, inputs, outputs, kind, values) in enumerate(steps)
    ]
    codes = [
        schema.OperatorCodeT(builtinCode=step[0], deprecatedBuiltinCode=step[0]) for step in steps
    ]
    buffers = [schema.BufferT(), schema.BufferT(data=axes)]
    model = schema.ModelT(version=3, buffers=buffers, operatorCodes=codes, subgraphs=[graph])
    builder = flatbuffers.Builder(1 << 12)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())

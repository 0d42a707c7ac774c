"""A real backbone of no weights: average colours of a picture's four quarters, 12 features."""

import json
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT, DT_INT32

from poets.backbones.compiled import GRAPH_FILE, INFO_FILE, TFLITE_FILE, Backbone
from poets.preprocess import Preprocess

SIZE = 128
FEATURE_SIZE = 12
PREPROCESS = Preprocess(SIZE, SIZE, mean=127.5, std=127.5)
ARCHITECTURE = "mobilenet_0.25_128"  # takes such an input, and is not to be had without a network


def tiny_backbone(folder: Path, preprocess: Preprocess = PREPROCESS) -> Backbone:
    """Write the backbone's files to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {GRAPH_FILE: _graph(preprocess).SerializeToString(), TFLITE_FILE: _tflite(preprocess)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    backbone = tiny_backbone_in(folder, preprocess)
    info = {
        "architecture": ARCHITECTURE,
        "preprocess": preprocess.to_dict(),
        "feature_size": FEATURE_SIZE,
        "digest": backbone.digest,
        "sizes": {name: len(content) for name, content in files.items()},
    }
    (folder / INFO_FILE).write_text(json.dumps(info))
    return backbone


def tiny_backbone_in(folder: Path, preprocess: Preprocess = PREPROCESS) -> Backbone:
    """Return the backbone whose files are in `folder` already."""
    return Backbone(ARCHITECTURE, "tiny", preprocess, FEATURE_SIZE, folder)


def tiny_model_dir(folder: Path) -> Path:
    """Make a --model_dir in which the tiny backbone stands for ARCHITECTURE, already compiled."""
    tiny_backbone(folder / "compiled" / f"{ARCHITECTURE}-tiny")
    return folder


def tiny_features(pixels: np.ndarray[tuple[int, int, int], np.dtype[np.float32]]) -> list[float]:
    """What the backbone makes of f32[height, width, 3], in NumPy."""
    height, width, _ = pixels.shape
    quarters = pixels.reshape(2, height // 2, 2, width // 2, 3).mean(axis=(1, 3))
    return [float(value) for value in quarters.reshape(-1)]


def _graph(preprocess: Preprocess) -> GraphDef:
    height, width = preprocess.height, preprocess.width
    graph = GraphDef()
    source = graph.node.add(name="input", op="Placeholder")
    source.attr["dtype"].type = DT_FLOAT
    for size in (-1, height, width, 3):
        source.attr["shape"].shape.dim.add(size=size)
    pool = graph.node.add(name="pool", op="AvgPool", input=["input"])
    pool.attr["T"].type = DT_FLOAT
    pool.attr["padding"].s = b"VALID"
    for name in ("ksize", "strides"):
        pool.attr[name].list.i.extend([1, height // 2, width // 2, 1])
    shape = graph.node.add(name="shape", op="Const")
    shape.attr["dtype"].type = DT_INT32
    shape.attr["value"].tensor.dtype = DT_INT32
    shape.attr["value"].tensor.tensor_shape.dim.add(size=2)
    shape.attr["value"].tensor.int_val.extend([-1, FEATURE_SIZE])
    features = graph.node.add(name="features", op="Reshape", input=["pool", "shape"])
    features.attr["T"].type = DT_FLOAT
    features.attr["Tshape"].type = DT_INT32
    return graph


def _tflite(preprocess: Preprocess) -> bytes:
    height, width = preprocess.height, preprocess.width
    half = height // 2, width // 2
    shapes = {"input": (1, height, width, 3), "pool": (1, 2, 2, 3), "features": (1, FEATURE_SIZE)}
    model = schema.ModelT(version=3, buffers=[schema.BufferT()])
    graph = schema.SubGraphT(inputs=[0], outputs=[2], operators=[])
    graph.tensors = [
        schema.TensorT(name=name, shape=list(shape), type=schema.TensorType.FLOAT32, buffer=0)
        for name, shape in shapes.items()
    ]
    pool = schema.Pool2DOptionsT(
        padding=schema.Padding.VALID,
        strideH=half[0],
        strideW=half[1],
        filterHeight=half[0],
        filterWidth=half[1],
    )
    operators = schema.BuiltinOperator
    options = schema.BuiltinOptions
    steps = (
        (operators.AVERAGE_POOL_2D, options.Pool2DOptions, pool),
        (
            operators.RESHAPE,
            options.ReshapeOptions,
            schema.ReshapeOptionsT(newShape=[1, FEATURE_SIZE]),
        ),
    )
    model.operatorCodes = []
    for index, (code, kind, values) in enumerate(steps):
        model.operatorCodes.append(
            schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=code)
        )
        graph.operators.append(
            schema.OperatorT(
                opcodeIndex=index,
                inputs=[index],
                outputs=[index + 1],
                builtinOptionsType=kind,
                builtinOptions=values,
            )
        )
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1 << 12)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())

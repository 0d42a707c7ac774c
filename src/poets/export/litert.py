"""The .tflite without TensorFlow: the backbone's operators, a dense layer and a softmax."""

from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from poets.classifier import Classifier
from poets.export.frozen_graph import HIDDEN, SCOPE
from poets.export.proof import Picture, Runtime
from poets.export.tflite_model import attach, pack
from poets.manifest import Manifest
from poets.preprocess import FloatArray
from poets.runtimes.litert import LiteRTRunner


def export(classifier: Classifier, path: Path) -> None:
    """Write the joined model, labels and manifest inside."""
    write(classifier, path)
    attach(classifier.manifest, path)


def write(classifier: Classifier, path: Path) -> None:
    """Write the joined model; input f32[1, height, width, channels], output f32[1, n_labels]."""
    path.write_bytes(join(classifier))


def open_tflite(path: Path, manifest: Manifest) -> dict[str, Runtime]:  # noqa: ARG001
    """Open a .tflite with LiteRT."""
    runner = LiteRTRunner(path)

    def run(picture: Picture) -> FloatArray:
        return runner.run(picture.values)

    return {"scores": run}


def join(classifier: Classifier) -> bytes:
    """Return the backbone's flatbuffer with the head's operators behind its last one."""
    content = classifier.backbone.tflite_path.read_bytes()
    model = schema.ModelT.InitFromPackedBuf(content)
    graph = model.subgraphs[0]
    features = int(graph.outputs[0])
    head, units = classifier.head, features
    if head.hidden is not None:
        layer = (head.hidden.weights, head.hidden.bias)
        units = _add_dense(model, HIDDEN, units, layer, relu=True)
    logits = _add_dense(model, SCOPE, units, (head.weights, head.bias))
    output = _add_tensor(model, classifier.manifest.output_name, (1, len(head.bias)))
    _add_operator(
        model,
        schema.BuiltinOperator.SOFTMAX,
        [logits],
        output,
        (schema.BuiltinOptions.SoftmaxOptions, schema.SoftmaxOptionsT(beta=1.0)),
    )
    graph.outputs = [output]
    return pack(model, classifier.manifest)


def _add_dense(
    model: schema.ModelT,
    scope: str,
    source: int,
    layer: tuple[FloatArray, FloatArray],
    *,
    relu: bool = False,
) -> int:
    """Append a dense layer behind the tensor `source`; return its output's index."""
    weights, bias = layer
    inputs = [
        source,
        _add_tensor(model, f"{scope}/weights", weights.T.shape, weights.T),
        _add_tensor(model, f"{scope}/biases", bias.shape, bias),
    ]
    output = _add_tensor(model, f"{scope}/{'Relu' if relu else 'Wx_plus_b'}", (1, len(bias)))
    kinds = schema.ActivationFunctionType
    options = schema.FullyConnectedOptionsT(
        fusedActivationFunction=kinds.RELU if relu else kinds.NONE
    )
    code = schema.BuiltinOperator.FULLY_CONNECTED
    named = (schema.BuiltinOptions.FullyConnectedOptions, options)
    _add_operator(model, code, inputs, output, named)
    return output


def _add_tensor(
    model: schema.ModelT, name: str, shape: tuple[int, ...], values: FloatArray | None = None
) -> int:
    """Append a float32 tensor, constant where it has values; return its index."""
    data = None if values is None else np.frombuffer(values.astype("<f4").tobytes(), np.uint8)
    model.buffers.append(schema.BufferT(data=data))
    tensor = schema.TensorT(
        shape=list(shape),
        type=schema.TensorType.FLOAT32,
        name=name,
        buffer=len(model.buffers) - 1,
        quantization=schema.QuantizationParametersT(),
    )
    model.subgraphs[0].tensors.append(tensor)
    return len(model.subgraphs[0].tensors) - 1


def _add_operator(
    model: schema.ModelT, code: int, inputs: list[int], output: int, options: tuple[int, object]
) -> None:
    kind, values = options
    operator = schema.OperatorT(
        opcodeIndex=_operator_code(model, code),
        inputs=inputs,
        outputs=[output],
        builtinOptionsType=kind,
        builtinOptions=values,
    )
    model.subgraphs[0].operators.append(operator)


def _operator_code(model: schema.ModelT, code: int) -> int:
    for index, known in enumerate(model.operatorCodes):
        if known.builtinCode == code:
            return index
    model.operatorCodes.append(schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=code))
    return len(model.operatorCodes) - 1

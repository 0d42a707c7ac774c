"""The .tflite without TensorFlow: the backbone's operators, a dense layer and a softmax."""

from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from poets.classifier import Classifier
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
    """Write the joined model; input f32[1, height, width, 3], output f32[1, n_labels]."""
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
    head = classifier.head
    weights = _add_tensor(model, "final_training_ops/weights", head.weights.T.shape, head.weights.T)
    bias = _add_tensor(model, "final_training_ops/biases", head.bias.shape, head.bias)
    scores = (1, len(head.bias))
    logits = _add_tensor(model, "final_training_ops/Wx_plus_b", scores)
    output = _add_tensor(model, classifier.manifest.output_name, scores)
    dense = schema.BuiltinOperator.FULLY_CONNECTED
    options = schema.BuiltinOptions
    _add_operator(
        model,
        dense,
        [features, weights, bias],
        logits,
        (options.FullyConnectedOptions, schema.FullyConnectedOptionsT()),
    )
    _add_operator(
        model,
        schema.BuiltinOperator.SOFTMAX,
        [logits],
        output,
        (options.SoftmaxOptions, schema.SoftmaxOptionsT(beta=1.0)),
    )
    graph.outputs = [output]
    return pack(model, classifier.manifest)


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

"""The .tflite: the backbone's operators, a dense layer and a softmax; labels and manifest inside.

A .tflite is a flatbuffer. What comes behind it is not read by runtimes, and a zip is read from its
end: so one file is both, which is where readers on phones look for labels.
"""

import io
import zipfile
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from poets.classifier import Classifier
from poets.labels import encode_labels
from poets.manifest import ZIP_ENTRY, Manifest
from poets.preprocess import FloatArray

LABELS_ENTRY = "labels.txt"
_IDENTIFIER = b"TFL3"
_ALIGNMENT = 16  # of buffers: the schema's force_align, which the Python builder does not know
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip format's first day: same seed, same bytes


def export(classifier: Classifier, path: Path) -> None:
    """Write the joined model; input f32[1, height, width, 3], output f32[1, n_labels]."""
    path.write_bytes(_with_zip(join(classifier), classifier.manifest))


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
    _name_signature(model, output)
    builder = _Builder(len(content) + (1 << 20))
    builder.Finish(model.Pack(builder), file_identifier=_IDENTIFIER)
    return bytes(builder.Output())


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


def _name_signature(model: schema.ModelT, output: int) -> None:
    """Let the signature, where the converter wrote one, name the new output."""
    for signature in model.signatureDefs or []:
        for entry in signature.outputs:
            entry.name, entry.tensorIndex = model.subgraphs[0].tensors[output].name, output


def _with_zip(flatbuffer: bytes, manifest: Manifest) -> bytes:
    """Append a zip with the labels and the manifest."""
    file = io.BytesIO(flatbuffer)
    with zipfile.ZipFile(file, "a") as archive:
        for name, content in (
            (LABELS_ENTRY, encode_labels(manifest.labels)),
            (ZIP_ENTRY, manifest.to_json()),
        ):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return file.getvalue()


class _Builder(flatbuffers.Builder):  # type: ignore[misc]
    """Aligns byte vectors as the schema demands; runtimes read weights in place."""

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> int:  # noqa: N802, N803
        aligned = _ALIGNMENT if elemSize == 1 else alignment
        return int(super().StartVector(elemSize, numElems, aligned))

"""ONNX: what tf2onnx makes of the joined graph; the manifest is in the model's properties."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from tf2onnx import convert

from poets.backbones.quiet_tensorflow import quiet_stderr
from poets.classifier import Classifier
from poets.export.joined import joined_graph
from poets.export.proof import Picture, Runtime
from poets.manifest import Manifest
from poets.preprocess import FloatArray

OPSET = 17
MANIFEST_KEY = "poets.manifest"
LABELS_KEY = "labels"  # one a line


def write(classifier: Classifier, path: Path) -> None:
    """Write the model; its input and output have the graph's names, batches may be of any size."""
    manifest = classifier.manifest
    with quiet_stderr():
        convert.from_graph_def(
            joined_graph(classifier),
            input_names=[f"{manifest.input_name}:0"],
            output_names=[f"{manifest.output_name}:0"],
            opset=OPSET,
            output_path=str(path),
        )


def attach(manifest: Manifest, path: Path) -> None:
    """Put the manifest and the labels into the model's properties."""
    model = onnx.load(str(path))
    properties = {
        MANIFEST_KEY: manifest.to_json().decode(),
        LABELS_KEY: "\n".join(manifest.labels),
    }
    onnx.helper.set_model_props(model, properties)
    onnx.save(model, str(path))


def open_onnx(path: Path, manifest: Manifest) -> dict[str, Runtime]:  # noqa: ARG001
    """Open a model with ONNX Runtime."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()

    def run(picture: Picture) -> FloatArray:
        (scores,) = session.run(None, {entry.name: picture.values[np.newaxis]})
        row: FloatArray = scores[0]
        return row

    return {"scores": run}

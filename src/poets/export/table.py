"""The table of exports: a new one is a row here and a module beside."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from poets.errors import UsageError
from poets.registry import did_you_mean


@dataclass(frozen=True)
class Exporter:
    """One way to write a classifier: three functions, and what is known of the file."""

    name: str
    suffix: str  # of the file, behind the graph's name without its own
    description: str
    write: str  # "module:function", (Classifier, Path); a calibrated one takes pictures, too
    attach: str  # "module:function", (Manifest, Path): puts the manifest inside
    open: str  # "module:function", (Path, Manifest) -> dict[str, Runtime]: its own runtimes
    reduced: bool = False  # whether numbers are left out, which may cost accuracy
    calibrated: bool = False  # whether it is made with training pictures
    decoding: tuple[str, ...] = ()  # those of its runtimes that read pictures in their own way
    folder: bool = False
    extra: str = ""  # of the package poets
    modules: tuple[str, ...] = ()  # that the extra brings

    def place(self, graph: Path) -> Path:
        """Return where it is written for a graph: the graph's own place, or one beside it."""
        return graph if self.name == "pb" else graph.with_name(f"{graph.stem}{self.suffix}")

    def check_installed(self) -> None:
        """Raise UsageError where the packages that it needs are not there."""
        missing = [module for module in self.modules if find_spec(module) is None]
        if missing:
            message = f"the export {self.name} needs {' and '.join(missing)}."
            raise UsageError(message, hint=f"pip install 'poets[{self.extra}]'")


def find_exporters(names: str) -> tuple[Exporter, ...]:
    """Return the rows of comma-separated names, each once; none for an empty text.

    Raises UsageError for an unknown name, with the nearest known one.
    """
    asked = dict.fromkeys(name.strip() for name in names.split(",") if name.strip())
    for name in asked:
        if name not in EXPORTERS:
            message = f"no export '{name}'.{did_you_mean(name, EXPORTERS)}"
            raise UsageError(message, hint=f"There are: {', '.join(EXPORTERS)}.")
    return tuple(EXPORTERS[name] for name in asked)


def _tflite(name: str, suffix: str, description: str, *, calibrated: bool = False) -> Exporter:
    return Exporter(
        name,
        suffix,
        description,
        write=f"poets.export.tflite:write_{name.removeprefix('tflite_')}",
        attach="poets.export.tflite_model:attach",
        open="poets.export.litert:open_tflite",
        reduced=True,
        calibrated=calibrated,
    )


EXPORTERS: dict[str, Exporter] = {
    exporter.name: exporter
    for exporter in (
        Exporter(
            "pb",
            ".pb",
            "frozen graph, for `label-image` and TensorFlow sessions",
            write="poets.export.frozen_graph:export",
            attach="poets.export.frozen_graph:attach",
            open="poets.export.joined:open_graph",
        ),
        Exporter(
            "tflite",
            ".tflite",
            "TFLite, for phones and fast labelling",
            write="poets.export.litert:write",
            attach="poets.export.tflite_model:attach",
            open="poets.export.litert:open_tflite",
        ),
        _tflite("tflite_float16", "_float16.tflite", "TFLite, weights of 16 bits: half the size"),
        _tflite("tflite_dynamic", "_dynamic.tflite", "TFLite, weights of 8 bits: a quarter of it"),
        _tflite(
            "tflite_int8",
            "_int8.tflite",
            "TFLite, computes with 8 bits: small, and fast on small chips",
            calibrated=True,
        ),
        Exporter(
            "saved_model",
            "_saved_model",
            "SavedModel, for TensorFlow Serving and TensorFlow.js",
            write="poets.export.saved_model:write",
            attach="poets.export.saved_model:attach",
            open="poets.export.saved_model:open_saved_model",
            decoding=("bytes",),
            folder=True,
        ),
        Exporter(
            "keras",
            ".keras",
            "Keras model, to read or to train on",
            write="poets.export.keras:write",
            attach="poets.export.keras:attach",
            open="poets.export.keras:open_keras",
        ),
        Exporter(
            "onnx",
            ".onnx",
            "ONNX, for ONNX Runtime and other frameworks",
            write="poets.export.onnx:write",
            attach="poets.export.onnx:attach",
            open="poets.export.onnx:open_onnx",
            extra="onnx",
            modules=("tf2onnx", "onnx", "onnxruntime"),
        ),
    )
}
ALWAYS = ("pb", "tflite")  # what `retrain` writes, asked for or not

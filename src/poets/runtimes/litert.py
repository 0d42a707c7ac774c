"""Running a .tflite with LiteRT, one picture at a time."""

from contextlib import nullcontext
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from poets.errors import ModelError
from poets.preprocess import FloatArray
from poets.quiet import quiet_stderr

_spoken = Event()


class LiteRTRunner:
    """One interpreter with one thread; not to be shared between threads.

    At batch 1 a picture's result cannot depend on what else is in the batch.
    """

    def __init__(self, path: Path) -> None:
        """Load the file; raises ModelError where it is none or no classifier."""
        try:
            self._interpreter = _load(path)
        except (ValueError, RuntimeError) as error:
            message = f"{path} is no .tflite that can be run: {str(error).rstrip('.')}."
            raise ModelError(message, hint="It may be damaged: bring or make it again.") from error
        inputs = self._interpreter.get_input_details()
        outputs = self._interpreter.get_output_details()
        if len(inputs) != 1 or len(outputs) != 1 or not _is_picture(inputs[0]["shape"]):
            takes = ", ".join(str(list(map(int, tensor["shape"]))) for tensor in inputs)
            message = f"{path} takes {takes or 'nothing'} and gives {len(outputs)} outputs"
            raise ModelError(f"{message}; a classifier takes [1, height, width, 3] and gives one.")
        self._path = path
        self._input, self._output = inputs[0], outputs[0]

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height and width in pixels, and channels."""
        _, height, width, channels = self._input["shape"]
        return int(height), int(width), int(channels)

    @property
    def pixel_scale(self) -> tuple[float, float] | None:
        """Mean and deviation that leave pixel values as they are; None for input that is real."""
        dtype = np.dtype(self._input["dtype"])
        if dtype.kind not in "iu":
            return None
        scale, zero_point = self._input["quantization"]
        black = -128 if dtype == np.int8 else 0
        return float(zero_point - black), 1.0 / (scale or 1.0)

    @property
    def n_outputs(self) -> int:
        """How many scores it gives."""
        return int(np.prod(self._output["shape"]))

    def run(self, values: FloatArray) -> FloatArray:
        """Map one picture, f32[height, width, channels], to f32[d]; raises ModelError."""
        try:
            self._interpreter.set_tensor(self._input["index"], quantized(values, self._input))
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{self._path} cannot run on this picture: {error}.") from error
        output = self._interpreter.get_tensor(self._output["index"])
        return real(output, self._output)


def is_tflite(path: Path) -> bool:
    """Tell by its content whether a file is a .tflite; raises OSError."""
    with path.open("rb") as file:
        return file.read(8)[4:] == b"TFL3"


def _is_picture(shape: npt.NDArray[np.int32]) -> bool:
    return len(shape) == 4 and shape[0] == 1 and shape[3] in {1, 3}


def _load(path: Path) -> Interpreter:
    # The first one of a process says on standard error which delegate it has made.
    with nullcontext() if _spoken.is_set() else quiet_stderr():
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
    _spoken.set()
    return interpreter


def quantized(values: FloatArray, tensor: dict[str, Any]) -> npt.NDArray[Any]:
    """Return f32[height, width, channels] as [1, ...] of the tensor's type."""
    batch = values[np.newaxis]
    if np.issubdtype(tensor["dtype"], np.floating):
        return batch.astype(tensor["dtype"], copy=False)
    scale, zero_point = tensor["quantization"]
    limits = np.iinfo(tensor["dtype"])
    steps = np.rint(batch / (scale or 1.0)) + zero_point
    stored: npt.NDArray[Any] = steps.clip(limits.min, limits.max).astype(tensor["dtype"])
    return stored


def real(values: npt.NDArray[Any], tensor: dict[str, Any]) -> FloatArray:
    """Return a tensor's values as f32[d]."""
    flat: npt.NDArray[Any] = values.reshape(-1)
    if tensor["dtype"] == np.float32:
        return flat
    scale, zero_point = tensor["quantization"]
    steps = flat.astype(np.float32) - zero_point
    return np.asarray(steps * (scale or 1.0), np.float32)

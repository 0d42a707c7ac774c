"""Looking into a .tflite with LiteRT: the same numbers, and what they are computed from."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from poets.errors import ModelError
from poets.preprocess import FloatArray
from poets.quiet import quiet_stderr
from poets.runtimes.dense import Dense, DenseLayers
from poets.runtimes.inner import Inner
from poets.runtimes.litert import quantized, real
from poets.runtimes.tflite_outputs import with_outputs
from poets.runtimes.tflite_walk import way_of_tflite


class LiteRTInner:
    """One interpreter with one thread; not to be shared between threads."""

    def __init__(self, path: Path) -> None:
        """Load what a LiteRTRunner runs; raises ModelError where it cannot be looked into."""
        content = path.read_bytes()
        way = way_of_tflite(content)
        if way is None:
            raise ModelError(f"{path} cannot be looked into: its operations cannot be read.")
        self.path, self._way = path, way
        last_map = () if way.last_map is None else (way.last_map,)
        kept = dict.fromkeys([way.scores, *way.layer_inputs, *last_map])  # each once
        self._interpreter = _load(with_outputs(content, list(kept)), path)
        (self._input,) = self._interpreter.get_input_details()
        self._tensors = {one["index"]: one for one in self._interpreter.get_tensor_details()}
        layers = (
            Dense(self._constant(one.weights).T, self._constant(one.bias), one.relu)
            for one in way.layers
        )
        self.layers = DenseLayers(tuple(layers))

    def run(self, values: FloatArray) -> Inner:
        """Look at one picture, f32[height, width, channels]; raises ModelError."""
        try:
            self._interpreter.set_tensor(self._input["index"], quantized(values, self._input))
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{self.path} cannot run on this picture: {error}.") from error
        return Inner(
            self._value(self._way.scores).reshape(-1),
            tuple(self._value(tensor).reshape(-1) for tensor in self._way.layer_inputs),
            None if self._way.last_map is None else self._value(self._way.last_map)[0],
        )

    def _value(self, tensor: int) -> FloatArray:
        values = self._interpreter.get_tensor(tensor)
        return real(values, self._tensors[tensor]).reshape(values.shape)

    def _constant(self, tensor: int | None) -> FloatArray:
        """Return a constant as numbers, whatever it is stored as; 0 for one that is not there."""
        if tensor is None:
            return np.zeros(1, np.float32)
        values: npt.NDArray[Any] = self._interpreter.get_tensor(tensor)
        how = self._tensors[tensor]["quantization_parameters"]
        if not len(how["scales"]):
            return values.astype(np.float32)
        shape = [1] * values.ndim
        shape[how["quantized_dimension"]] = -1
        steps = values.astype(np.float32) - how["zero_points"].reshape(shape)
        return np.asarray(steps * how["scales"].reshape(shape), np.float32)


def _load(content: bytes, path: Path) -> Interpreter:
    try:
        with quiet_stderr():
            interpreter = Interpreter(model_content=content, num_threads=1)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{path} cannot be looked into: {error}.") from error
    return interpreter

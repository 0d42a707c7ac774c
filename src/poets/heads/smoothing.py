"""How a head is trained on pixels: neighbours are to have weights that are alike."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from poets.heads.softmax import Standardization
from poets.preprocess import FloatArray, Preprocess

# Of values from 0 to 1: they spread over 2 then, as with networks, which take -1 to 1.
_SCALE = 2.0
_AT_ONCE = 64  # pictures: mixing holds each several times
_KERNEL = (0.25, 0.5, 0.25)  # of a pixel and its neighbours, along each side


@dataclass(frozen=True)
class Smoothing(Standardization):
    """Pixels less their mean, on one scale, mixed with their neighbours.

    A scale for each pixel, as features of networks get, would make most of those at the border,
    which hardly ever vary. Mixing is linear, so that it folds into the head's weights, which come
    out smooth: on 1,600 handwritten digits that is worth half a point of accuracy on others.
    """

    shape: tuple[int, int, int] = (0, 0, 0)  # of a picture

    @classmethod
    def of_pixels(cls, values: FloatArray, preprocess: Preprocess) -> "Smoothing":
        """Measure f32[n, height * width * channels]."""
        mean = values.mean(axis=0, dtype=np.float64).astype(np.float32)
        return cls(mean, np.full_like(mean, _SCALE), preprocess.shape)

    def apply(self, values: FloatArray) -> FloatArray:
        """Return f32[n, feature_size] as the head is trained on it."""
        mixed = np.empty(values.shape, np.float32)
        for start in range(0, len(values), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            mixed[rows] = self._mix(super().apply(values[rows]))
        return mixed

    def pull_back(self, weights: FloatArray) -> npt.NDArray[np.float64]:
        """Return the weights for raw pixels: mixing is symmetric, and so its own transpose."""
        return super().pull_back(self._mix(weights.T).T.astype(np.float64))

    def _mix(self, rows: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Convolve each row's picture along its sides; around it is nothing."""
        pictures = rows.reshape(-1, *self.shape)
        for axis in (1, 2):
            margin = [(0, 0)] * 4
            margin[axis] = (1, 1)
            length = pictures.shape[axis]
            wide = np.pad(pictures, margin)
            parts = [wide.take(range(i, i + length), axis) for i in range(len(_KERNEL))]
            pictures = sum(share * part for share, part in zip(_KERNEL, parts, strict=True))  # type: ignore[assignment]
        return pictures.reshape(rows.shape)

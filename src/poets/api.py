"""The Python interface: open a graph, label pictures with it."""

import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from poets.config.label import LabelConfig
from poets.decode import UnreadableImageError
from poets.errors import DataError
from poets.parallel import map_on_cores
from poets.predict import Prediction
from poets.predict import top_k as best_labels
from poets.preprocess import FloatArray
from poets.runtimes.model import Model
from poets.runtimes.open import open_model

Picture: TypeAlias = str | os.PathLike[str] | bytes | npt.NDArray[np.uint8] | Image.Image


@dataclass(frozen=True)
class ImageClassifier:
    """A graph that names what is in pictures."""

    model: Model

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the scores."""
        return self.model.labels

    def label(self, pictures: Iterable[Picture], top_k: int = 5) -> list[tuple[Prediction, ...]]:
        """Return the best labels of each picture, best first.

        A picture is a path, a file's bytes, a PIL image, or uint8 [height, width] or
        [height, width, 3] (RGB) or 4 (RGBA). Raises DataError for one that cannot be read.
        """
        return [best_labels(row, self.labels, top_k) for row in self.scores(pictures)]

    def scores(self, pictures: Iterable[Picture]) -> FloatArray:
        """Return each picture's scores, f32[n_pictures, n_labels]; raises as `label` does."""
        rows = list(map_on_cores(self._make_scorer, list(pictures)))
        return np.array(rows, dtype=np.float32).reshape(-1, len(self.labels))

    def _make_scorer(self) -> "_Scorer":
        return _Scorer(self.model)


def load(graph: str | os.PathLike[str], **options: Any) -> ImageClassifier:  # noqa: ANN401
    """Open a .pb or .tflite; `options` are the flags of `label-image`, such as labels=PATH.

    Raises ModelError for a file that is no graph or cannot be run, TypeError for an unknown
    option.
    """
    paths = {name: Path(value) for name, value in options.items() if name == "labels" and value}
    return ImageClassifier(open_model(LabelConfig(graph=Path(graph), **options | paths)))


class _Scorer:
    """Reads and scores one picture after the other; one a thread."""

    def __init__(self, model: Model) -> None:
        self._runner, self._preprocess = model.make_runner(), model.preprocess

    def __call__(self, picture: Picture) -> FloatArray:
        try:
            return self._runner.run(self._preprocess.load(_source(picture)))
        except UnreadableImageError as error:
            name = picture if isinstance(picture, str | os.PathLike) else "a picture in memory"
            raise DataError(f"{name}: {error}.") from error


def _source(picture: Picture) -> Path | bytes:
    """Return what the decoder takes: all pictures go the same way, whatever they come as."""
    if isinstance(picture, bytes):
        return picture
    if isinstance(picture, str | os.PathLike):
        return Path(picture)
    image = picture if isinstance(picture, Image.Image) else _from_array(picture)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=0)
    return file.getvalue()


def _from_array(pixels: Sequence[Any] | npt.NDArray[Any]) -> Image.Image:
    array = np.asarray(pixels)
    if array.dtype != np.uint8 or array.shape[2:] not in {(), (3,), (4,)} or array.ndim < 2:
        message = f"an array of {array.dtype} {list(array.shape)} is no picture"
        raise DataError(f"{message}: uint8 [height, width] or [height, width, 3 or 4] is one.")
    return Image.fromarray(array)

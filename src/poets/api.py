"""The Python interface: open a graph, label pictures with it."""

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from poets.config.label import LabelConfig
from poets.decode import UnreadableImageError, read_file
from poets.errors import DataError, ModelError, UsageError
from poets.features.thumbnails import upright
from poets.heatmap import overlay
from poets.labelling.explained import MAX_SIDE
from poets.labelling.looking import familiar_to, heat_of, judge, look_inside
from poets.parallel import map_on_cores
from poets.predict import Prediction
from poets.predict import top_k as best_labels
from poets.preprocess import FloatArray, Preprocess
from poets.registry import did_you_mean
from poets.runtimes.model import Model
from poets.runtimes.open import open_model

R = TypeVar("R")
Picture: TypeAlias = (
    str | os.PathLike[str] | bytes | bytearray | npt.NDArray[np.uint8] | Image.Image
)
_NAMED = 5  # labels of a classifier that says itself
# What PNG has no mode for, and what it is instead.
_AS_PNG = {
    **dict.fromkeys(("CMYK", "YCbCr", "LAB", "HSV", "RGBX"), "RGB"),
    **dict.fromkeys(("RGBa", "La", "PA"), "RGBA"),
}


@dataclass(frozen=True)
class ImageClassifier:
    """A graph that names what is in pictures."""

    model: Model

    def __repr__(self) -> str:
        # Not the model: in a notebook, its manifest would fill the page.
        more = ", ..." if len(self.labels) > _NAMED else ""
        return f"<ImageClassifier: {', '.join(self.labels[:_NAMED])}{more}>"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the scores."""
        return self.model.labels

    def label(
        self, pictures: Iterable[Picture], top_k: int = 5, *, unknown: bool = False
    ) -> list[tuple[Prediction, ...]]:
        """Return the best labels of each picture, best first.

        A picture is a path, a file's bytes, a PIL image, or uint8 [height, width] or
        [height, width, channels] with 1 (gray), 3 (RGB) or 4 (RGBA) of them. Raises DataError for
        one that cannot be read, UsageError for `top_k` below 1 and for one picture in the place of
        several. With `unknown`, the one answer for a picture unlike those of the training is
        `unknown`, its score the share of pictures of their kind that are less so; raises ModelError
        where the graph cannot tell.
        """
        if top_k < 1:
            raise UsageError(f"top_k {top_k}: name one label or more.")
        if not unknown:
            return [best_labels(row, self.labels, top_k) for row in self.scores(pictures)]
        familiar, make = familiar_to(self.model), self._make_worker
        return [
            judge(familiar, inner).answer or best_labels(inner.scores, self.labels, top_k)
            for inner in map_on_cores(lambda: make(look_inside(self.model).run), _each(pictures))
        ]

    def explain(self, picture: Picture, label: str | None = None) -> Image.Image:
        """Return the picture with a heat map of where a label is seen, else the best one.

        Raises DataError for a picture that cannot be read, ModelError for a label that the graph
        does not have and a network that does not tell where.
        """
        if label is not None and label not in self.labels:
            meant = did_you_mean(label, self.labels)
            raise ModelError(f"the graph has no label {label!r}.{meant}")
        runner = look_inside(self.model)
        with _naming(picture):
            source = _source(picture)
            content = source if isinstance(source, bytes) else read_file(source)
            inner = runner.run(self.model.preprocess.load(content))
            label_id = int(inner.scores.argmax()) if label is None else self.labels.index(label)
            return overlay(upright(content, MAX_SIDE), heat_of(inner, runner, label_id))

    def scores(self, pictures: Iterable[Picture]) -> FloatArray:
        """Return each picture's scores, f32[n_pictures, n_labels]; raises as `label` does."""
        make = self._make_worker
        rows = list(map_on_cores(lambda: make(self.model.make_runner().run), _each(pictures)))
        return np.array(rows, dtype=np.float32).reshape(-1, len(self.labels))

    def _make_worker(self, run: Callable[[FloatArray], R]) -> "_Worker[R]":
        return _Worker(self.model.preprocess, run)


def load(graph: str | os.PathLike[str], **options: Any) -> ImageClassifier:  # noqa: ANN401
    """Open a .pb or .tflite; `options` are the flags of `label-image`, such as labels=PATH.

    Raises ModelError for a file that is no graph or cannot be run, TypeError for an unknown
    option.
    """
    paths = {name: Path(value) for name, value in options.items() if name == "labels" and value}
    return ImageClassifier(open_model(LabelConfig(graph=Path(graph), **options | paths)))


@dataclass(frozen=True)
class _Worker(Generic[R]):
    """Reads one picture after the other and runs a network on it; one a thread."""

    preprocess: Preprocess
    run: Callable[[FloatArray], R]

    def __call__(self, picture: Picture) -> R:
        with _naming(picture):
            return self.run(self.preprocess.load(_source(picture)))


def _each(pictures: Iterable[Picture]) -> Iterable[Picture]:
    """Return the pictures; raises UsageError for a single one, whose parts are no pictures."""
    one = isinstance(pictures, str | os.PathLike | bytes | bytearray | Image.Image)
    if one or (isinstance(pictures, np.ndarray) and _is_picture(pictures)):
        raise UsageError("one picture is no list of pictures.", hint="label([picture])")
    return pictures


@contextmanager
def _naming(picture: Picture) -> Iterator[None]:
    """Say which picture it is that cannot be read."""
    try:
        yield
    except UnreadableImageError as error:
        name = picture if isinstance(picture, str | os.PathLike) else "a picture in memory"
        raise DataError(f"{name}: {error}.") from error


def _source(picture: Picture) -> Path | bytes:
    """Return what the decoder takes: all pictures go the same way, whatever they come as."""
    if isinstance(picture, bytes | bytearray):
        return bytes(picture)
    if isinstance(picture, str | os.PathLike):
        return Path(picture)
    image = picture if isinstance(picture, Image.Image) else _from_array(picture)
    file = io.BytesIO()
    try:
        shown = image.convert(_AS_PNG.get(image.mode, image.mode))
        # Its EXIF says which way is up.
        shown.save(file, "PNG", compress_level=0, exif=image.getexif())
    except (OSError, ValueError) as error:
        raise DataError(f"a picture in memory: {error}.") from error
    return file.getvalue()


def _from_array(pixels: Sequence[Any] | npt.NDArray[Any]) -> Image.Image:
    array = np.asarray(pixels)
    if not _is_picture(array):
        message = f"an array of {array.dtype} {list(array.shape)} is no picture"
        raise DataError(f"{message}: uint8 [height, width] or [height, width, 1, 3 or 4] is one.")
    return Image.fromarray(array[..., 0] if array.shape[2:] == (1,) else array)


def _is_picture(array: npt.NDArray[Any]) -> bool:
    channels = array.shape[2:]  # none is gray, too
    return array.dtype == np.uint8 and array.ndim > 1 and channels in {(), (1,), (3,), (4,)}

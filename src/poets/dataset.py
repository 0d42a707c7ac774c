"""Pictures as numbers, in the three parts that training needs."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from poets.config.data import SplitConfig
from poets.images import LabeledImage
from poets.preprocess import FloatArray
from poets.split import Part, split_images

IntArray: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Features:
    """A set of pictures, as what the backbone makes of them."""

    values: FloatArray  # [n_images, feature_size], one row per image
    label_ids: IntArray  # [n_images], index into the labels
    images: tuple[LabeledImage, ...]

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Dataset:
    """All pictures with their features, each in one part."""

    labels: tuple[str, ...]
    training: Features
    validation: Features
    testing: Features


def make_dataset(
    images: tuple[LabeledImage, ...], values: FloatArray, config: SplitConfig
) -> Dataset:
    """Split pictures and their features, f32[n_images, feature_size], by the pictures' names.

    Raises DataError for a label with too few pictures.
    """
    labels = tuple(sorted({image.label for image in images}))
    label_ids = label_ids_of(images, labels)
    parts = np.array(split_images(images, config))

    def part(name: Part) -> Features:
        rows = np.flatnonzero(parts == name)
        return Features(values[rows], label_ids[rows], tuple(images[i] for i in rows))

    return Dataset(labels, part("training"), part("validation"), part("testing"))


def label_ids_of(images: tuple[LabeledImage, ...], labels: tuple[str, ...]) -> IntArray:
    """Return each picture's label as its index, i64[n_images]."""
    index = {label: i for i, label in enumerate(labels)}
    return np.array([index[image.label] for image in images], dtype=np.int64)

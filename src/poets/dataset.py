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

    def take(self, rows: IntArray) -> "Features":
        """Return some of the rows."""
        images = tuple(self.images[row] for row in rows.tolist())
        return Features(self.values[rows], self.label_ids[rows], images)

    def once(self) -> "Features":
        """Return each picture's first row: distorted variants are further rows of one picture."""
        first: dict[LabeledImage, int] = {}
        for row, image in enumerate(self.images):
            first.setdefault(image, row)
        return self if len(first) == len(self) else self.take(np.array([*first.values()]))


@dataclass(frozen=True)
class Dataset:
    """All pictures with their features, each in one part."""

    labels: tuple[str, ...]
    training: Features
    validation: Features
    testing: Features

    @property
    def parts(self) -> dict[Part, Features]:
        """The three parts by their names."""
        return {"training": self.training, "validation": self.validation, "testing": self.testing}

    @property
    def everything(self) -> Features:
        """The three parts as one."""
        parts = self.parts.values()
        return Features(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.label_ids for part in parts]),
            tuple(image for part in parts for image in part.images),
        )


def make_dataset(
    images: tuple[LabeledImage, ...], values: FloatArray, config: SplitConfig
) -> Dataset:
    """Split pictures and their features, f32[n_images, feature_size], by the pictures' names.

    Raises DataError for a label with too few pictures.
    """
    labels = tuple(sorted({image.label for image in images}))
    label_ids = label_ids_of(images, labels)
    parts = np.array(split_images(images, config))
    everything = Features(values, label_ids, images)

    def part(name: Part) -> Features:
        return everything.take(np.flatnonzero(parts == name))

    return Dataset(labels, part("training"), part("validation"), part("testing"))


def label_ids_of(images: tuple[LabeledImage, ...], labels: tuple[str, ...]) -> IntArray:
    """Return each picture's label as its index, i64[n_images]."""
    index = {label: i for i, label in enumerate(labels)}
    return np.array([index[image.label] for image in images], dtype=np.int64)

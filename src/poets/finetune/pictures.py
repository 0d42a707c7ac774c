"""Pictures on their way into a training: decoded on every core, distorted where asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from poets.config.distort import DistortConfig
from poets.dataset import IntArray
from poets.decode import in_use, read_file
from poets.distort import Distortion
from poets.features.recipe import DistortedRecipe, Recipe
from poets.images import LabeledImage
from poets.parallel import CorePool
from poets.preprocess import FloatArray, Preprocess


@dataclass(frozen=True)
class Variants:
    """How a picture becomes a network's input in each epoch."""

    preprocess: Preprocess
    distortion: Distortion | None = None  # None leaves pictures as they are
    count: int = 1  # after so many epochs they begin anew; 0 is never
    seed: int = 0

    @classmethod
    def of(cls, preprocess: Preprocess, config: DistortConfig, seed: int) -> "Variants":
        """Take what the flags say."""
        if not config.distorts:
            return cls(preprocess)
        return cls(preprocess, Distortion.of(config), config.distortion_variants, seed)

    def at(self, epoch: int) -> int:
        """Return the number of the variant that an epoch, from 0, is to see."""
        return epoch % self.count if self.count else epoch

    def recipe(self, variant: int) -> Recipe:
        """Return what makes that variant."""
        if self.distortion is None:
            return Recipe("", self.preprocess)
        return DistortedRecipe("", self.preprocess, self.distortion, variant, self.seed)


@dataclass(frozen=True)
class Pictures:
    """One part of the pictures."""

    images: Sequence[LabeledImage]
    label_ids: IntArray  # [n]
    variants: Variants

    def __len__(self) -> int:
        return len(self.images)


class Loader:
    """Reads pictures on every core."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._pool: CorePool[tuple[LabeledImage, Recipe], FloatArray] = CorePool(lambda: _load)

    def close(self) -> None:
        """End the threads."""
        self._pool.close()

    def __call__(self, rows: IntArray, variant: int) -> FloatArray:
        """Return f32[len(rows), height, width, channels]; raises DataError for a picture gone."""
        recipe = self._pictures.variants.recipe(variant)
        items = [(self._pictures.images[row], recipe) for row in rows]
        return np.stack(list(self._pool.map(items)))


def _load(item: tuple[LabeledImage, Recipe]) -> FloatArray:
    image, recipe = item
    with in_use(image.path):
        return recipe.load(read_file(image.path))

"""Distortions drawn anew in every step, as the codelab's script does: slow, and never the same."""

from typing import Self

import numpy as np

from poets.backbones.compiled import Backbone
from poets.dataset import Features, IntArray
from poets.decode import in_use, read_file
from poets.distort import Distortion
from poets.heads.batches import Shares, draw_labels
from poets.heads.softmax import Standardization
from poets.images import LabeledImage
from poets.parallel import CorePool
from poets.preprocess import FloatArray
from poets.runtimes.litert import LiteRTRunner

Draw = tuple[LabeledImage, int]  # a picture and the seed of its distortion


class FreshBatches:
    """Draws batches of pictures, of each label its share, and runs each one's fresh variant."""

    def __init__(
        self,
        features: Features,
        backbone: Backbone,
        distortion: Distortion,
        standardization: Standardization,
        shares: Shares | None = None,
    ) -> None:
        """Without `shares`, every label is as likely."""
        self._features, self._standardization = features, standardization
        present = np.unique(features.label_ids)
        self._rows = [np.flatnonzero(features.label_ids == label) for label in present]
        self._shares = None if shares is None else shares[present]
        self._pool: CorePool[Draw, FloatArray] = CorePool(lambda: _Distorter(backbone, distortion))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def batch(self, size: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
        """Return standardised f32[size, feature_size] and i64[size].

        Raises UnreadableImageError for a picture that is gone since its features were cached.
        """
        labels = draw_labels(len(self._rows), self._shares, size, rng)
        rows = [int(rng.choice(self._rows[label])) for label in labels]
        seeds = rng.integers(2**63, size=size)
        draws = [(self._features.images[r], int(seed)) for r, seed in zip(rows, seeds, strict=True)]
        values = np.stack(list(self._pool.map(draws)))
        return self._standardization.apply(values), self._features.label_ids[rows]


class _Distorter:
    def __init__(self, backbone: Backbone, distortion: Distortion) -> None:
        self._runner = LiteRTRunner(backbone.tflite_path)
        self._preprocess, self._distortion = backbone.preprocess, distortion

    def __call__(self, draw: Draw) -> FloatArray:
        image, seed = draw
        rng = np.random.default_rng(seed)
        with in_use(image.path):
            values = self._distortion.load(read_file(image.path), self._preprocess, rng)
        return self._runner.run(values)

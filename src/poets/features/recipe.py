"""All that a picture's features depend on beside the picture."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from poets.backbones.compiled import Backbone
from poets.config.distort import DistortConfig
from poets.distort import Distortion, generator
from poets.preprocess import FloatArray, Preprocess


@dataclass(frozen=True)
class Recipe:
    """How a file's bytes become the backbone's input; `key` tells features apart in the cache."""

    backbone_digest: str
    preprocess: Preprocess

    @classmethod
    def plain(cls, backbone: Backbone) -> "Recipe":
        """Return the recipe without distortions."""
        return cls(backbone.digest, backbone.preprocess)

    @property
    def key(self) -> str:
        """What else than the picture decides over its features; the digest holds the preprocess."""
        return self.backbone_digest

    def load(self, content: bytes) -> FloatArray:
        """Return the backbone's input, f32[*preprocess.shape]; raises UnreadableImageError."""
        return self.preprocess.load(content)


@dataclass(frozen=True)
class DistortedRecipe(Recipe):
    """One of several seeded variants of each picture."""

    distortion: Distortion
    variant: int
    seed: int

    @classmethod
    def variants(
        cls, backbone: Backbone, distort: DistortConfig, seed: int, count: int
    ) -> "list[DistortedRecipe]":
        """Return the recipes of the first variants of each picture."""
        made = (backbone.digest, backbone.preprocess, Distortion.of(distort))
        return [cls(*made, variant, seed) for variant in range(count)]

    @cached_property
    def key(self) -> str:
        """The same, and which variant of which distortion."""
        values = [self.backbone_digest, self.distortion.to_dict(), self.variant, self.seed]
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()

    def load(self, content: bytes) -> FloatArray:
        """Return the variant, the same one each time; raises UnreadableImageError."""
        return self.distortion.load(content, self.preprocess, generator(content, self.key))

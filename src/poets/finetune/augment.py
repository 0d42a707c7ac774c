"""The same distortions as a Keras layer: a network that learns from scratch sees each epoch anew.

Elsewhere pictures are distorted with Pillow (poets.distort), which looks closer at what it enlarges
and goes on with plain ground. Here they are decoded once, kept in memory or on the disk, and go
through the layer together, on a GPU where there is one.
"""

from dataclasses import asdict
from typing import Any, TypeAlias

import numpy as np

from poets.backbones.quiet_tensorflow import keras
from poets.distort import Distortion
from poets.distort.colour import LUMA, TO_CIRCLE
from poets.preprocess import Preprocess

Tensor: TypeAlias = Any  # Keras' own has no types
ops = keras.ops
_MOVING = (
    *("flip_left_right", "flip_up_down", "random_crop", "random_scale"),
    *("random_zoom", "random_rotation", "random_shift"),
)
_COLOURING = ("random_contrast", "random_saturation", "random_hue")
# To the circle of hues, luma last, and back; for rows of pixels.
_ORDERED = np.roll(TO_CIRCLE, -1, axis=0)
_CIRCLE = tuple(m.T.astype(np.float32) for m in (_ORDERED, np.linalg.inv(_ORDERED)))


def augmentation_layer(
    distortion: Distortion, preprocess: Preprocess, seed: int = 0
) -> "Augmentation":
    """Return a layer for a network's input f32[n, *preprocess.shape]; it acts in training only."""
    amounts = asdict(distortion)
    # With numbers of half the size, 255 levels would be told apart by chance.
    return Augmentation(amounts, preprocess.mean, preprocess.std, seed, dtype="float32")


@keras.saving.register_keras_serializable("poets")
class Augmentation(keras.layers.Layer):  # type: ignore[misc]
    """Draws for each picture of a batch how it is distorted; the ranges are those of the flags."""

    def __init__(
        self,
        amounts: dict[str, int],
        mean: float,
        std: float,
        seed: int,
        **settings: Any,  # noqa: ANN401 - Keras' own
    ) -> None:
        super().__init__(**settings)
        self._asked = Distortion(**amounts)  # type: ignore[arg-type]
        self._mean, self._std, self._seed = mean, std, seed
        self._seeds = keras.random.SeedGenerator(seed)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model makes the layer from."""
        own = {"amounts": asdict(self._asked), "mean": self._mean, "std": self._std}
        return {**super().get_config(), **own, "seed": self._seed}

    def call(self, images: Tensor, *, training: bool = False) -> Tensor:
        """Return f32[n, height, width, 1 or 3], distorted as Distortion.apply does it."""
        if not training or self._asked == Distortion():
            return images
        n = ops.shape(images)[0]
        pixels = images * self._std + self._mean
        if self._asks_for(_MOVING):
            look = self._places(n, *pixels.shape[1:3])
            pixels = ops.image.affine_transform(pixels, look, "bilinear", fill_mode="reflect")
        if self._asks_for(_COLOURING):
            pixels = self._coloured(pixels, n)
        if self._asked.random_noise:
            deviation = self._draw(n, 0, 2.55 * self._asked.random_noise)[:, None, None, None]
            pixels += deviation * keras.random.normal(ops.shape(pixels), seed=self._seeds)
        if self._asks_for((*_COLOURING, "random_noise")):
            pixels = ops.clip(pixels, 0, 255)
        brightness = 1 + self._either_way(n, self._asked.random_brightness / 100)
        return (pixels * brightness[:, None, None, None] - self._mean) / self._std

    def _places(self, n: Tensor, height: int, width: int) -> Tensor:
        """Return where each pixel is seen, f32[n, 8]: as Pose does, in Keras' order."""
        asked, x, y = self._asked, (width - 1) / 2, (height - 1) / 2
        scale = (1 + asked.random_crop / 100) * self._draw(n, 1, 1 + asked.random_scale / 100)
        size = scale * (1 + asked.random_zoom / 100) ** self._draw(n, -1, 1)
        angle = self._either_way(n, np.deg2rad(asked.random_rotation))
        cos, sin = ops.cos(angle) / size, ops.sin(angle) / size
        right, down = (self._either_way(n, s * asked.random_shift / 100) for s in (width, height))
        room = (1 - 1 / scale) / 2  # to either side of the part that it is cropped to
        left, top = (self._either_way(n, 1) * s * room for s in (width, height))
        mirror_x = self._mirror(n, asked=asked.flip_left_right)
        mirror_y = self._mirror(n, asked=asked.flip_up_down)
        part = _matrices(n, (1, 0, x + left), (0, 1, y + top))
        turn = _matrices(n, (cos, -sin, 0), (sin, cos, 0))
        move = _matrices(
            n, (mirror_x, 0, -mirror_x * x - right), (0, mirror_y, -mirror_y * y - down)
        )
        return ops.reshape(part @ turn @ move, (n, 9))[:, :8]

    def _coloured(self, pixels: Tensor, n: Tensor) -> Tensor:
        contrast = 1 + self._either_way(n, self._asked.random_contrast / 100)[:, None, None, None]
        luma = LUMA if pixels.shape[-1] == 3 else np.ones(1)
        mean = ops.mean(pixels @ luma.reshape(-1, 1).astype(np.float32), axis=(1, 2), keepdims=True)
        if pixels.shape[-1] == 3:
            hue = self._either_way(n, np.deg2rad(self._asked.random_hue))
            saturation = 1 + self._either_way(n, self._asked.random_saturation / 100)
            cos, sin = saturation * ops.cos(hue), saturation * ops.sin(hue)
            turn = _matrices(n, (cos, sin, 0), (-sin, cos, 0))
            there, back = _CIRCLE
            pixels = pixels @ (there @ turn @ back)[:, None]
        return mean + contrast * (pixels - mean)

    def _asks_for(self, names: tuple[str, ...]) -> bool:
        return any(getattr(self._asked, name) for name in names)

    def _mirror(self, n: Tensor, *, asked: bool) -> Tensor:
        return ops.where(self._draw(n, 0, 1) < 0.5 * asked, -1.0, 1.0)

    def _either_way(self, n: Tensor, amount: float) -> Tensor:
        return self._draw(n, -1, 1) * amount

    def _draw(self, n: Tensor, low: float, high: float) -> Tensor:
        return keras.random.uniform((n,), low, high, seed=self._seeds)


def _matrices(n: Tensor, *rows: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Return f32[n, 3, 3] of two rows of numbers or f32[n], and (0, 0, 1)."""
    values = [
        ops.broadcast_to(ops.cast(v, "float32"), (n,)) for row in (*rows, (0, 0, 1)) for v in row
    ]
    return ops.reshape(ops.stack(values, axis=1), (n, 3, 3))

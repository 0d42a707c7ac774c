"""Where in a picture a label is seen: class activation maps, and pictures with them laid over.

B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba, "Learning deep features for discriminative
localization", CVPR 2016. Where features are the mean of a map A[h, w, k] and logits are linear in
them, a logit is the mean over all places of sum_k W[k, label] * A[y, x, k] + bias[label]: what the
logit would be if the whole picture looked like that place. With a hidden layer W is the gradient at
this picture (R. R. Selvaraju et al., "Grad-CAM", ICCV 2017), and the same holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps

from poets.backbones.compiled import Backbone
from poets.decode import UnreadableImageError
from poets.heads.softmax import SoftmaxHead
from poets.parallel import map_on_cores
from poets.preprocess import FloatArray, Preprocess
from poets.registry import load
from poets.runtimes.dense import Dense, DenseLayers
from poets.runtimes.inner import Inner, InnerRunner
from poets.runtimes.model import LITERT_INNER, Model

HeatSource: TypeAlias = Model | tuple[Backbone, SoftmaxHead]

# Inferno of matplotlib (public domain) without its ends, which are as dark and bright as pictures.
_RAMP = np.array([(66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10), (250, 225, 70)])
_COVER = 0.65  # of the picture, where it is warmest
_ROUNDING = 0.05  # by 8 bits, as a share of the features
_GREY = 0.8  # how much of the picture's own colour goes, so that the map's are seen


def heat_maps(
    source: HeatSource, paths: Sequence[Path], label_ids: Sequence[int]
) -> list[FloatArray | None]:
    """Return how much each place of a picture speaks for a label, f32[h, w] from 0 to 1 a picture.

    The map lies over the whole picture as it is shown, turned as EXIF says. None for a picture
    that cannot be read, and for all of them where the network has no last map: where its features
    are no average over places. Raises ModelError where the network cannot be run.
    """
    make, preprocess, head = _open(source)
    if make is None:
        return [None] * len(paths)
    work = list(zip(paths, label_ids, strict=True))
    return list(map_on_cores(lambda: _Mapper(make(), preprocess, head), work))


def activation_map(inner: Inner, layers: DenseLayers, label_id: int) -> FloatArray | None:
    """Return the logit of a label at each place, f32[h, w]: their mean is the picture's logit.

    None where the features are no average over places.
    """
    last_map, features = inner.last_map, inner.layer_inputs[0]
    if last_map is None or not _is_mean(features, last_map):
        return None
    logit, gradient = layers.logit(features, label_id)
    places: FloatArray = last_map @ gradient + np.float32(logit - features @ gradient)
    return places


def as_heat(places: FloatArray) -> FloatArray:
    """Return what speaks for the label, from 0 to 1 at the place that does most."""
    above: FloatArray = np.maximum(places, np.float32(0))
    warmest = above.max()
    return above / warmest if warmest > 0 else above


def overlay(picture: Image.Image, heat: FloatArray) -> Image.Image:
    """Return an RGB picture, the right way up, with a heat map f32[h, w] laid over all of it."""
    small = Image.fromarray((heat * 255).astype(np.uint8))
    large = small.resize(picture.size, Image.Resampling.BICUBIC)
    warm = np.asarray(large, np.float32) / 255
    at = warm * (len(_RAMP) - 1)
    channels = [np.interp(at, np.arange(len(_RAMP)), _RAMP[:, c]) for c in range(3)]
    colours = Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))
    grey = ImageOps.grayscale(picture).convert("RGB")
    dimmed = Image.blend(picture.convert("RGB"), grey, _GREY)
    cover = Image.fromarray((warm * _COVER * 255).astype(np.uint8))
    return Image.composite(colours, dimmed, cover)


def _open(
    source: HeatSource,
) -> tuple[Callable[[], InnerRunner] | None, Preprocess, DenseLayers | None]:
    if isinstance(source, Model):
        return source.make_inner, source.preprocess, None
    backbone, head = source
    layers = [Dense(head.weights, head.bias)]
    if head.hidden is not None:
        layers.insert(0, Dense(head.hidden.weights, head.hidden.bias, relu=True))
    inside = lambda: load(LITERT_INNER)(backbone.tflite_path)  # noqa: E731
    return inside, backbone.preprocess, DenseLayers(tuple(layers))


@dataclass(frozen=True)
class _Mapper:
    """Makes one map after the other; one a thread."""

    runner: InnerRunner
    preprocess: Preprocess
    head: DenseLayers | None  # behind the network's own layers

    def __call__(self, asked: tuple[Path, int]) -> FloatArray | None:
        path, label_id = asked
        try:
            inner = self.runner.run(self.preprocess.load(path))
        except UnreadableImageError:
            return None
        layers = self.runner.layers
        if self.head is not None:
            layers = DenseLayers((*layers.layers, *self.head.layers))
        places = activation_map(inner, layers, label_id)
        return None if places is None else as_heat(places)


def _is_mean(features: FloatArray, last_map: FloatArray) -> bool:
    """Tell whether the features are what they are taken for; 8 bits round them."""
    if last_map.ndim != 3 or last_map.shape[2:] != features.shape:
        return False
    apart = np.square(last_map.mean(axis=(0, 1)) - features).mean()
    return bool(np.sqrt(apart) <= _ROUNDING * np.sqrt(np.square(features).mean()) + 1e-6)

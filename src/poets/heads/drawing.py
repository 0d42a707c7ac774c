"""What a head of pixels looks for: its weights as pictures, one a label."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from poets.errors import ModelError
from poets.heads.softmax import SoftmaxHead
from poets.preprocess import FloatArray, Preprocess
from poets.summaries.lettering import font_for, legible, shortened

# ColorBrewer's RdBu, which all eyes can tell apart (C. Brewer, colorbrewer2.org, Apache-2.0).
_FOR, _AGAINST = (178, 24, 43), (33, 102, 172)
_SIDE = 280  # pixels that a picture has at least
_FULL = 99.5  # percent of all weights are weaker than what is drawn in full colour
_COLUMNS, _GAP, _LETTERS = 5, 12, 18  # of the sheet


def draw_weights(
    head: SoftmaxHead, preprocess: Preprocess, labels: Sequence[str]
) -> Mapping[str, Image.Image]:
    """Return an RGB picture a label: red where a bright pixel speaks for it, blue against it.

    White is 0. All labels have the same scale. What all labels have in common decides nothing and
    is taken away; weights of colours are added up, so that a pixel's is that of grey light. Raises
    ModelError for a head that is none of pixels.
    """
    maps = weight_maps(head, preprocess)
    full = float(np.percentile(np.abs(maps), _FULL)) or float(np.abs(maps).max()) or 1.0
    return {
        label: _enlarged(_coloured(values / full))
        for label, values in zip(labels, maps, strict=True)
    }


def is_of_pixels(head: SoftmaxHead, preprocess: Preprocess) -> bool:
    """Tell whether each of a head's weights is that of a pixel."""
    return head.hidden is None and head.feature_size == np.prod(preprocess.shape)


def weight_maps(head: SoftmaxHead, preprocess: Preprocess) -> FloatArray:
    """Return each label's weights against the other labels', f32[n_labels, height, width]."""
    if head.hidden is not None:
        message = "the weights of a head with a hidden layer are no pictures of its labels."
        raise ModelError(message, hint="Train with --hidden_units 0.")
    if not is_of_pixels(head, preprocess):
        message = "the features of this network are no pixels: its weights are no pictures."
        raise ModelError(message, hint="Train with --architecture pixels_28, for instance.")
    against = head.weights - head.weights.mean(axis=1, keepdims=True)
    maps: FloatArray = against.T.reshape(-1, *preprocess.shape).sum(axis=3)
    return maps


def weight_sheet(drawn: Mapping[str, Image.Image]) -> Image.Image:
    """Put the pictures on one sheet, each above its label."""
    names = legible(list(drawn))
    width = max(picture.width for picture in drawn.values()) + _GAP
    height = max(picture.height for picture in drawn.values()) + _GAP + 2 * _LETTERS
    columns = min(_COLUMNS, len(drawn))
    rows = -(-len(drawn) // columns)
    paper = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), "white")
    pen = ImageDraw.Draw(paper)
    for index, (name, picture) in enumerate(zip(names, drawn.values(), strict=True)):
        left, top = index % columns * width + _GAP, index // columns * height + _GAP
        paper.paste(picture, (left, top))
        pen.rectangle(
            (left - 1, top - 1, left + picture.width, top + picture.height), outline="#cccccc"
        )
        written = shortened(name, _LETTERS, picture.width)
        place = (left, top + picture.height + _LETTERS // 4)
        pen.text(place, written, fill="black", font=font_for(written, _LETTERS))
    return paper


def _coloured(values: FloatArray) -> Image.Image:
    """Draw f32[height, width], -1 to 1, from blue over white to red."""
    strength = np.clip(np.abs(values), 0, 1)[..., np.newaxis]
    ends = np.where(values[..., np.newaxis] > 0, _FOR, _AGAINST)
    return Image.fromarray(np.rint(255 + (ends - 255) * strength).astype(np.uint8))


def _enlarged(picture: Image.Image) -> Image.Image:
    times = -(-_SIDE // max(picture.size))
    return picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)

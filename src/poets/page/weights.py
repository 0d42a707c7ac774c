"""What each label looks for, where the network is the pixels themselves."""

import io
from collections.abc import Sequence

from markupsafe import Markup
from PIL import Image

from poets.heads.drawing import draw_weights, is_of_pixels
from poets.heads.softmax import SoftmaxHead
from poets.page.data import ReportData, Sought
from poets.page.markup import fill, image, join, name
from poets.preprocess import Preprocess

_MOST_LABELS = 40
_LARGEST = 96  # pixels


def draw_sought(
    head: SoftmaxHead, preprocess: Preprocess, labels: Sequence[str]
) -> tuple[Sought, ...]:
    """Return the weights of a head of pixels as pictures, a pixel a pixel; of others nothing."""
    if not is_of_pixels(head, preprocess) or len(labels) > _MOST_LABELS:
        return ()
    drawn = draw_weights(head, preprocess, labels)
    size = (min(preprocess.width, _LARGEST), min(preprocess.height, _LARGEST))
    return tuple(Sought(index, _png(drawn[label], size)) for index, label in enumerate(labels))


def _png(picture: Image.Image, size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    picture.resize(size, Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()


def weights_section(data: ReportData) -> Markup:
    """Return the section; empty where the network is more than pixels."""
    if not data.sought:
        return Markup()
    labels = data.evaluation.labels
    tiles = (
        fill(
            '<li><span class="shot pixels">{}</span>{}</li>',
            image(one.weights, f"weights of {labels[one.label]}"),
            name(labels[one.label]),
        )
        for one in data.sought
    )
    return fill('<p>{}</p>\n<ul class="grid">\n{}\n</ul>', _SAID, join(tiles))


_SAID = (
    "The weights of each pixel: where it is red, a bright one speaks for the label, where it is "
    "blue against it; where it is white, it does not matter."
)

"""What the `bytes` signature of a SavedModel sees in a picture's file is what poets sees in it."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from poets.backbones.quiet_tensorflow import tf
from poets.export.decoding import decode
from poets.preprocess import Preprocess

PREPROCESS = Preprocess(24, 32, mean=0.0, std=1.0)
DECODED = tf.function(
    lambda content: decode(content, PREPROCESS), input_signature=[tf.TensorSpec((), tf.string)]
)
HELD = range(1, 9)  # EXIF's numbers for how the camera was held


def photo(mode: str = "RGB") -> Image.Image:
    """A picture that no turn and no mirror leaves as it is, smooth enough for any JPEG decoder."""
    blobs = np.random.default_rng(0).integers(0, 256, (4, 5, len(mode)), np.uint8)
    image = Image.merge(mode, [Image.fromarray(blobs[..., i]) for i in range(len(mode))])
    return image.resize((100, 60), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, form: str, exif: bytes = b"") -> bytes:
    file = io.BytesIO()
    image.save(file, form, exif=exif, **({"quality": 95} if form == "JPEG" else {}))
    return file.getvalue()


def exif_of(held: int, order: str) -> bytes:
    """An EXIF part with nothing else in it, in one order of bytes or the other."""
    mark = b"II" if order == "<" else b"MM"
    return b"Exif\0\0" + mark + struct.pack(f"{order}HIHHHIHHI", 42, 8, 1, 0x0112, 3, 1, held, 0, 0)


def assert_seen_alike(content: bytes) -> None:
    difference = np.abs(DECODED(tf.constant(content)).numpy() - PREPROCESS.load(content))
    assert difference.mean() < 2
    assert difference.max() < 20


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize(("form", "order"), [("JPEG", "<"), ("JPEG", ">"), ("PNG", ">")])
def test_a_photo_is_turned_upright(form: str, order: str, held: int) -> None:
    assert_seen_alike(encoded(photo(), form, exif_of(held, order)))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_on_white(mode: str) -> None:
    assert_seen_alike(encoded(photo("RGBA").convert(mode), "PNG"))


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16"])
def test_a_png_may_hold_its_pixels_in_any_way(mode: str) -> None:
    gray = np.asarray(photo().convert("L"))
    images = {"I;16": Image.fromarray(gray.astype(np.uint16) * 257)}
    assert_seen_alike(encoded(images.get(mode) or photo().convert(mode), "PNG"))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP"])
def test_a_picture_of_each_format_is_read(form: str) -> None:
    assert_seen_alike(encoded(photo(), form))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"hello", "Unknown image file"),
        (encoded(photo(), "PNG")[:20], "PNG"),
        (encoded(photo(), "JPEG")[:500], "JPEG"),
    ],
    ids=["nothing", "text", "png", "jpeg"],
)
def test_what_is_no_picture_is_an_error_that_says_so(content: bytes, reason: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=reason):
        DECODED(tf.constant(content))

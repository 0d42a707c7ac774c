"""Reading a picture's file inside TensorFlow, near to what poets does with Pillow."""

from collections.abc import Sequence

from poets.backbones.quiet_tensorflow import tf
from poets.preprocess import Preprocess

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG"
# A PNG's type of colours, and where it says it. In other types, colours may be transparent; that
# TensorFlow tells wrongly where pixels have fewer than 8 bits.
_GRAY_ALPHA, _COLOR_ALPHA = (25, b"\x04"), (25, b"\x06")
_HEAD = 1 << 16  # bytes in which EXIF says how the camera was held; a JPEG's part has no more
# EXIF's entry for that, a single 16-bit number, in either order of bytes; the number is behind it.
_LITTLE, _BIG = b"\x12\x01\x03\x00\x01\x00\x00\x00", b"\x01\x12\x00\x03\x00\x00\x00\x01\x00"
_ON_ITS_SIDE, _MIRRORED, _UPSIDE_DOWN = (5, 6, 7, 8), (2, 3, 6, 7), (3, 4, 7, 8)


def decode(content: tf.Tensor, preprocess: Preprocess) -> tf.Tensor:
    """Return the input of a file's bytes, f32[height, width, channels]."""
    # Made long enough to be asked: of a file that is too short, its decoder says so.
    start = tf.strings.join([tf.strings.substr(content, 0, 32), bytes(32)])
    is_png = _has(start, 0, _PNG)
    is_clear = is_png & (_has(start, *_GRAY_ALPHA) | _has(start, *_COLOR_ALPHA))
    pixels = tf.cond(is_clear, lambda: _on_white(content), lambda: _without_alpha(content))
    has_exif = is_png | _has(start, 0, _JPEG)
    upright = tf.cond(has_exif, lambda: _turned(pixels, _orientation(content)), lambda: pixels)
    size = (preprocess.height, preprocess.width)
    scaled = tf.image.resize(upright, size, antialias=preprocess.resize == "antialiased")
    if preprocess.channels == 1:
        scaled = tf.image.rgb_to_grayscale(scaled)
    # Pillow's pixels are whole numbers.
    return (tf.round(scaled) - preprocess.mean) / preprocess.std


def _has(content: tf.Tensor, at: int, part: bytes) -> tf.Tensor:
    return tf.equal(tf.strings.substr(content, at, len(part)), part)


def _on_white(content: tf.Tensor) -> tf.Tensor:
    """Return the pixels of a PNG that has alpha, u8[h, w, 3], on white."""
    pixels = tf.cast(tf.io.decode_png(content, channels=4), tf.float32)
    share = pixels[..., 3:] / 255
    return tf.cast(tf.round(pixels[..., :3] * share + 255 * (1 - share)), tf.uint8)


def _without_alpha(content: tf.Tensor) -> tf.Tensor:
    """Return any picture's pixels, u8[h, w, 3]."""
    pixels = tf.io.decode_image(content, channels=3, expand_animations=False)
    return tf.ensure_shape(pixels, (None, None, 3))


def _orientation(content: tf.Tensor) -> tf.Tensor:
    """Return EXIF's number for how the camera was held, 1 where it does not say."""
    head = tf.io.decode_raw(tf.strings.substr(content, 0, _HEAD), tf.uint8)
    found = [_behind(head, entry) for entry in (_LITTLE, _BIG)]
    return tf.concat([*found, tf.constant([1], tf.uint8)], axis=0)[0]


def _behind(head: tf.Tensor, entry: bytes) -> tf.Tensor:
    """Return the byte behind the first place of `entry` in u8[n]: u8[1], u8[0] without one."""
    places = tf.maximum(tf.size(head) - len(entry), 0)
    same = [head[at : at + places] == byte for at, byte in enumerate(entry)]
    first = tf.where(tf.reduce_all(same, axis=0))[:1, 0]
    return tf.gather(head, first + len(entry))


def _turned(pixels: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Return u8[h, w, 3] the right way up."""

    def is_in(numbers: Sequence[int]) -> tf.Tensor:
        return tf.reduce_any(orientation == tf.constant(numbers, tf.uint8))

    stood = tf.cond(is_in(_ON_ITS_SIDE), lambda: tf.transpose(pixels, (1, 0, 2)), lambda: pixels)
    faced = tf.cond(is_in(_MIRRORED), lambda: tf.reverse(stood, [1]), lambda: stood)
    return tf.cond(is_in(_UPSIDE_DOWN), lambda: tf.reverse(faced, [0]), lambda: faced)

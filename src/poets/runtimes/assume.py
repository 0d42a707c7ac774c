"""What is taken for granted where a graph from elsewhere does not say it."""

from poets.config import LabelConfig
from poets.preprocess import Preprocess

INCEPTION_INPUT = "Mul"  # the 2015 graph decodes a JPEG first; the codelab feeds behind that


def assume_preprocess(
    size: tuple[int, int], input_name: str, config: LabelConfig
) -> tuple[Preprocess, tuple[str, ...]]:
    """Return the preprocess for a graph without a manifest, and what of it was assumed.

    The codelab's scripts trained MobileNet graphs with mean and deviation 127.5, Inception's
    with 128, on pictures scaled without antialiasing.
    """
    usual = 128.0 if input_name == INCEPTION_INPUT else 127.5
    mean = usual if config.input_mean is None else config.input_mean
    std = usual if config.input_std is None else config.input_std
    height, width = config.input_height or size[0], config.input_width or size[1]
    notes = [f"assumed pictures of {width} x {height} pixels"]
    if config.input_mean is None or config.input_std is None:
        notes.append(f"assumed --input_mean {mean:g} --input_std {std:g}")
    return Preprocess(height, width, mean, std, resize="bilinear"), tuple(notes)

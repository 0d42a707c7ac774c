"""What is taken for granted where a graph from elsewhere does not say it."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from poets.config.label import LabelConfig
from poets.errors import ModelError
from poets.preprocess import Preprocess


@dataclass(frozen=True)
class Scale:
    """How a graph wants its pixel values: (pixel - mean) / std."""

    mean: float
    std: float


CODELAB = Scale(127.5, 127.5)  # MobileNet's, and the commonest by far
INCEPTION = Scale(128.0, 128.0)
SHARES = Scale(0.0, 255.0)  # 0 to 1
PIXELS = Scale(0.0, 1.0)  # as they are


def make_preprocess(shape: tuple[int, int, int], scale: Scale, config: LabelConfig) -> Preprocess:
    """Return the preprocess of a graph without a manifest: what the user says, else the usual.

    Pictures are scaled without antialiasing, as the codelab's scripts did in training.
    """
    height, width = config.input_height or shape[0], config.input_width or shape[1]
    mean = scale.mean if config.input_mean is None else config.input_mean
    std = scale.std if config.input_std is None else config.input_std
    try:
        return Preprocess(height, width, mean, std, resize="bilinear", channels=shape[2])
    except ValueError as error:
        raise ModelError(f"{config.graph}: {error}.") from error


def say_assumed(config: LabelConfig, guessed: Mapping[str, object]) -> tuple[str, ...]:
    """Return a line with the flags that stand for what was guessed; none where all was told."""
    values = {n: f"{v:g}" if isinstance(v, float) else str(v) for n, v in guessed.items()}
    flags = [f"--{n} {shlex.quote(v)}" for n, v in values.items() if getattr(config, n) is None]
    return (f"{config.graph} does not say it, assumed: {' '.join(flags)}",) if flags else ()

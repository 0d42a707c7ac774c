"""Labelling pictures with one graph."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from poets.predict import LabeledPicture, name_labels, score_images
from poets.runtimes.model import Model


def label_images(model: Model, paths: Sequence[Path], k: int = 5) -> Iterator[LabeledPicture]:
    """Yield what the graph says of each picture, in order."""
    return name_labels(score_images(model, paths), model.labels, k)

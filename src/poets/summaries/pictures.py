"""What the Images tab shows: what was trained on, and what went wrong."""

import io
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image
from tensorboard.compat.proto.summary_pb2 import Summary

from poets.dataset import IntArray
from poets.evaluation.scores import Evaluation
from poets.summaries.lettering import legible
from poets.summaries.sheet import Line, Tile, sheet

_COLUMNS = 3  # as many as can be told apart at the width that TensorBoard gives a picture
MOST_PICTURES = 36  # of a sheet
_WRONG, _RIGHT = "#a8380a", "#1f4f99"  # orange and blue: for all eyes
_LEGEND = (Line("what it was named,", _WRONG), Line("what it is, and their scores", _RIGHT))


def image_summary(tag: str, image: Image.Image, kind: str = "JPEG") -> Summary.Value:
    """Return a picture for the Images tab; PNG suits what is drawn, JPEG photos."""
    file = io.BytesIO()
    image.save(file, kind, quality=90)
    proto = Summary.Image(
        height=image.height, width=image.width, colorspace=3, encoded_image_string=file.getvalue()
    )
    return Summary.Value(tag=tag, image=proto)


def evenly(label_ids: IntArray, count: int, rng: np.random.Generator) -> IntArray:
    """Draw `count` rows, as many of each label as can be; in the labels' order.

    All rows where there are no more.
    """
    shuffled = rng.permutation(len(label_ids))
    order = shuffled[np.argsort(label_ids[shuffled], kind="stable")]
    counts = np.bincount(label_ids)
    rank = np.arange(len(order)) - np.repeat(counts.cumsum() - counts, counts)
    drawn = np.sort(np.argsort(rank, kind="stable")[:count])
    rows: IntArray = order[drawn]
    return rows


def labelled_sheet(jpegs: Sequence[bytes], names: Sequence[str]) -> Image.Image | None:
    """Draw pictures with their labels beneath; None where not one can be read."""
    tiles = [Tile(jpeg, (Line(name),)) for jpeg, name in zip(jpegs, names, strict=True) if jpeg]
    return sheet(tiles, _COLUMNS) if tiles else None


def variants_sheet(columns: Sequence[Sequence[bytes]], names: Sequence[str]) -> Image.Image | None:
    """Draw a row a picture: as it is with its label beneath, then its variants."""
    tiles = [
        Tile(jpeg, (Line(name if column == 0 else ""),))
        for name, row in zip(names, zip(*columns, strict=True), strict=True)
        if all(row)
        for column, jpeg in enumerate(row)
    ]
    return sheet(tiles, len(columns)) if tiles else None


def mistakes_sheet(
    jpegs: Sequence[bytes], rows: IntArray, evaluation: Evaluation
) -> Image.Image | None:
    """Draw pictures that were named wrong, with both labels and their scores beneath."""
    names = legible(evaluation.labels)
    words = _verdicts(rows, evaluation, names)
    tiles = [Tile(jpeg, lines) for jpeg, lines in zip(jpegs, words, strict=True) if jpeg]
    return sheet(tiles, _COLUMNS, _LEGEND) if tiles else None


def _verdicts(
    rows: IntArray, evaluation: Evaluation, names: Sequence[str]
) -> Iterator[tuple[Line, Line]]:
    for row in rows.tolist():
        true, named = int(evaluation.label_ids[row]), int(evaluation.predicted[row])
        scores = evaluation.probabilities[row]
        yield (
            Line(f"{scores[named]:.2f}: {names[named]}", _WRONG),
            Line(f"{scores[true]:.2f}: {names[true]}", _RIGHT),
        )

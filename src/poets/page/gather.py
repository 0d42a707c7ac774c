"""From an evaluation to what the page shows of it."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

import numpy as np

from poets.errors import ModelError
from poets.evaluation.scores import Evaluation
from poets.images import LabeledImage
from poets.page.choice import MOST_MISTAKES, choose_cells
from poets.page.data import Cell, Heat, Shot
from poets.page.overlay import draw_overlay
from poets.preprocess import FloatArray

_SCORES = 3  # shown of a picture, and the true label's

Thumbnails = Callable[[Sequence[Path]], Sequence[bytes]]
HeatMaps = Callable[[Sequence[Path], Sequence[int]], Sequence[FloatArray | None]]


@dataclass(frozen=True)
class Tested:
    """Pictures with what the classifier makes of them."""

    evaluation: Evaluation
    images: tuple[LabeledImage, ...]  # behind the rows of the scores
    image_dir: Path


@dataclass(frozen=True)
class Sight:
    """How pictures come to be seen."""

    thumbnails: Thumbnails
    heat_maps: HeatMaps
    page: Path  # where links start


@dataclass(frozen=True)
class Shown:
    """The pictures of an evaluation that the page shows."""

    cells: tuple[Cell, ...]
    mistakes: tuple[Shot, ...]


def gather(tested: Tested, sight: Sight) -> Shown:
    """Choose pictures and fetch their thumbnails; heat maps for the worst mistakes alone."""
    if not tested.evaluation.n:
        return Shown((), ())
    worst: list[int] = tested.evaluation.mistakes[:MOST_MISTAKES].tolist()
    cells = choose_cells(tested.evaluation)
    rows = dict.fromkeys([*worst, *(row for chosen in cells.values() for row in chosen)])
    small = _thumbnails(tested, rows, sight.thumbnails)
    heats = _heats(tested, worst, small, sight.heat_maps)
    album = Album(tested, sight.page)
    shots = {row: album.shot(row, small[row]) for row in rows}
    confusion = tested.evaluation.confusion
    return Shown(
        tuple(
            Cell(true, predicted, int(confusion[true, predicted]), tuple(shots[r] for r in chosen))
            for (true, predicted), chosen in cells.items()
        ),
        tuple(album.shot(row, small[row], heats[row]) for row in worst),
    )


@dataclass(frozen=True)
class Album:
    """Makes pictures of rows."""

    tested: Tested
    page: Path

    def shot(self, row: int, thumbnail: bytes, heats: tuple[Heat, ...] = ()) -> Shot:
        """Return one picture with its best scores and the true label's."""
        path = self.tested.images[row].path
        true = int(self.tested.evaluation.label_ids[row])
        scores = self.tested.evaluation.probabilities[row]
        # The best label is the first of equal ones, as in the evaluation.
        best = np.argsort(-scores, kind="stable")[:_SCORES].tolist()
        shown = best if true in best else [*best, true]
        pairs = tuple((int(label), float(scores[label])) for label in shown)
        name = shown_path(path, self.tested.image_dir)
        return Shot(name, link_to(path, self.page), true, pairs, thumbnail, heats)


def shown_path(path: Path, image_dir: Path) -> str:
    """Return a picture's path as its folder's user knows it."""
    return str(path.relative_to(image_dir) if path.is_relative_to(image_dir) else path)


def link_to(path: Path, page: Path) -> str:
    """Return a URL from the page to a file, for whatever bytes its name has."""
    relative = os.path.relpath(path, page.parent)
    return quote_from_bytes(os.fsencode(relative))


def _thumbnails(tested: Tested, rows: Iterable[int], make: Thumbnails) -> Mapping[int, bytes]:
    rows = list(rows)
    return dict(zip(rows, make([tested.images[row].path for row in rows]), strict=True))


def _heats(
    tested: Tested, rows: Sequence[int], small: Mapping[int, bytes], make: HeatMaps
) -> Mapping[int, tuple[Heat, ...]]:
    """Ask where the network saw the predicted label, and where the true one."""
    evaluation = tested.evaluation
    asked = [(r, int(ids[r])) for r in rows for ids in (evaluation.predicted, evaluation.label_ids)]
    heats: dict[int, tuple[Heat, ...]] = dict.fromkeys(rows, ())
    try:
        maps = make([tested.images[row].path for row, _ in asked], [label for _, label in asked])
    except ModelError:  # a graph that can be asked, but not looked into
        return heats
    for (row, label), heat in zip(asked, maps, strict=True):
        overlay = draw_overlay(heat, small[row]) if heat is not None and small[row] else b""
        if overlay:
            heats[row] = (*heats[row], Heat(label, overlay))
    return heats

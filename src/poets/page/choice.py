"""Which pictures the page shows: the most telling ones, as many as it can carry."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest

import numpy as np

from poets.dataset import IntArray
from poets.evaluation.scores import Evaluation

MOST_IN_CELL = 20
MOST_WRONG = 300  # pictures in the cells of mistakes
MOST_RIGHT = 80  # pictures in the cells of what was named right
MOST_MISTAKES = 18  # the worst ones, shown large

Cells = Mapping[tuple[int, int], tuple[int, ...]]  # rows by true and predicted label


def choose_cells(evaluation: Evaluation) -> Cells:
    """Return rows for the cells of the confusion matrix, the fullest cell of mistakes first.

    Each cell gets one before any gets a second: of mistakes the worst, else the least sure.
    """
    wrong = _by_cell(evaluation, np.flatnonzero(~evaluation.correct))
    right = _by_cell(evaluation, np.flatnonzero(evaluation.correct))
    return _deal(wrong, MOST_WRONG) | _deal(right, MOST_RIGHT)


def _by_cell(evaluation: Evaluation, rows: IntArray) -> dict[tuple[int, int], list[int]]:
    """Return rows by cell, the most telling first."""
    telling = evaluation.margins[rows]
    cells: dict[tuple[int, int], list[int]] = {}
    for row in rows[np.argsort(-telling, kind="stable")].tolist():
        cell = (int(evaluation.label_ids[row]), int(evaluation.predicted[row]))
        cells.setdefault(cell, []).append(row)
    return dict(sorted(cells.items(), key=lambda item: (-len(item[1]), item[0])))


def _deal(
    cells: Mapping[tuple[int, int], Sequence[int]], most: int
) -> dict[tuple[int, int], tuple[int, ...]]:
    """Take from each cell in turn."""
    dealt: dict[tuple[int, int], list[int]] = {}
    for cell, row in islice(_in_turn(cells), most):
        dealt.setdefault(cell, []).append(row)
    return {cell: tuple(dealt[cell]) for cell in cells if cell in dealt}


def _in_turn(
    cells: Mapping[tuple[int, int], Sequence[int]],
) -> Iterator[tuple[tuple[int, int], int]]:
    few = [rows[:MOST_IN_CELL] for rows in cells.values()]
    for turn in zip_longest(*few):
        yield from ((cell, row) for cell, row in zip(cells, turn, strict=True) if row is not None)

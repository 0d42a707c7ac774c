"""Nearly the same picture: resized, recompressed, cropped a little, brighter, mirrored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from poets.check.duplicates import Group
from poets.dataset import IntArray
from poets.parallel import map_on_cores
from poets.preprocess import FloatArray
from poets.report import Reporter

_ALIKE = 0.6  # docs/check.md says what that finds of planted pictures, and what else
_CHANCE = 6.0  # standard deviations that chance does not reach in any data set
_RIDGE, _LEAST_RIDGE = 3.0, 1.0
_MOST_SAMPLED = 10_000  # rows that tell the covariance well enough
_ROWS, _COLUMNS = 512, 2048  # of a tile of similarities: few megabytes, whatever the data set

Pairs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Tile:
    row: int
    column: int


def alike_groups(standardized: FloatArray, reporter: Reporter) -> list[Group]:
    """Return the rows of f32[n, d] that show nearly the same, each set once.

    Two rows are alike where the cosine of their whitened features is above a threshold. Sets grow
    by what is alike to any member. Memory grows with n, not with its square.
    """
    values, threshold = whiten(standardized), _threshold(standardized.shape[1])
    tiles = [
        _Tile(row, column)
        for row in range(0, len(values), _ROWS)
        for column in range(row - row % _COLUMNS, len(values), _COLUMNS)
    ]
    sets = _Sets(len(values))
    with reporter.progress("Comparing", len(tiles), "tiles") as advance:
        for pairs in map_on_cores(lambda: lambda tile: _pairs(values, tile, threshold), tiles):
            sets.join(pairs)
            advance(1)
    return sets.groups()


def whiten(standardized: FloatArray) -> FloatArray:
    """Return f32[n, d] with rows of length 1, whose products tell how alike two pictures are.

    What many pictures have in common (a flower, a meadow) spreads over few directions of large
    variance; dividing by it leaves what is a picture's own. H. Jegou and O. Chum, "Negative
    evidences and co-occurrences in image retrieval: the benefit of PCA and whitening", ECCV 2012.
    Few pictures know their covariance badly, so that a multiple of d / n is added to it.
    """
    n, d = standardized.shape
    if not n:
        return standardized
    values = standardized
    if n < d:  # n numbers a row have the same products: pixels would fill the memory with d x d
        triangle: FloatArray = np.linalg.qr(standardized.T, mode="r")  # type: ignore[assignment]
        values = triangle.T
    sample = values[:: -(-n // _MOST_SAMPLED)]
    covariance = (sample.T @ sample).astype(np.float64) / len(sample)
    mean = max(float(covariance.trace()) / d, np.finfo(np.float32).tiny)
    covariance.flat[:: len(covariance) + 1] += mean * max(_LEAST_RIDGE, _RIDGE * d / n)
    # Any root of the inverse leads to the same products; this one is had without eigenvectors.
    root = np.linalg.inv(np.linalg.cholesky(covariance))
    white: FloatArray = values @ root.T.astype(np.float32)
    white /= np.maximum(np.linalg.norm(white, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return white


def _threshold(feature_size: int) -> float:
    """Return the cosine from which on rows are alike; few features agree by chance, too."""
    return max(_ALIKE, min(_CHANCE / float(np.sqrt(feature_size)), 0.99))


def _pairs(values: FloatArray, tile: _Tile, threshold: float) -> Pairs:
    """Return the pairs of rows of a tile that are alike, i64[n_pairs, 2], the lower first."""
    rows = values[tile.row : tile.row + _ROWS]
    columns = values[tile.column : tile.column + _COLUMNS]
    pairs = np.argwhere(rows @ columns.T > threshold)
    pairs += np.array([tile.row, tile.column])
    return pairs[pairs[:, 0] < pairs[:, 1]]


class _Sets:
    """Rows that grow together into sets, each known by its lowest row (union-find)."""

    def __init__(self, n: int) -> None:
        self._lowest: IntArray = np.arange(n, dtype=np.int64)

    def join(self, pairs: Pairs) -> None:
        """Make one set of the two rows of each pair."""
        # All pairs at once: a folder full of one scene has millions of them. Each round hangs
        # every root that has a lower neighbour below it, so that half of them go at least.
        while True:
            roots = np.sort(self._roots(pairs), axis=1)
            roots = roots[roots[:, 0] != roots[:, 1]]
            if not len(roots):
                return
            np.minimum.at(self._lowest, roots[:, 1], roots[:, 0])
            self._lowest = self._roots(self._lowest)

    def groups(self) -> list[Group]:
        """Return the sets of more than one row, each ascending."""
        roots = self._roots(np.arange(len(self._lowest)))
        order = np.argsort(roots, kind="stable")
        _, starts = np.unique(roots[order], return_index=True)
        return [group for group in _tuples(np.split(order, starts[1:])) if len(group) > 1]

    def _roots(self, rows: IntArray) -> IntArray:
        while True:
            above: IntArray = self._lowest[rows]
            if (above == rows).all():
                return above
            rows = above


def _tuples(arrays: Sequence[IntArray]) -> Iterator[Group]:
    return (tuple(int(row) for row in array) for array in arrays)

"""What the trained layers are fed with, made once and kept where there is room for it."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from poets.dataset import IntArray
from poets.files import output_errors
from poets.finetune.pictures import Loader, Pictures
from poets.preprocess import FloatArray

Front = Callable[[FloatArray], FloatArray]  # the layers that do not change, for a few pictures
AT_ONCE = 32  # pictures
MEMORY = 1 << 29  # bytes of examples that are kept in memory


class Room:
    """Arrays in memory as long as they are small together, else in nameless files in `folder`."""

    def __init__(self, folder: Path, memory: int = MEMORY) -> None:
        self._folder, self._left = folder, memory

    def in_memory(self, shape: tuple[int, ...]) -> FloatArray | None:
        """Return an array to fill, None where it is too large."""
        size = _bytes(shape)
        if size > self._left:
            return None
        self._left -= size
        return np.empty(shape, np.float32)

    def on_disk(self, shape: tuple[int, ...]) -> FloatArray:
        """Return an array to fill that is a file, gone when nobody uses it.

        Raises OutputError where the disk has no room for all of it.
        """
        with output_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder, prefix=".maps-") as file:
                if hasattr(os, "posix_fallocate"):  # else a full disk would end the process
                    os.posix_fallocate(file.fileno(), 0, _bytes(shape))
                return np.memmap(file, np.float32, "r+", shape=shape)


@dataclass(frozen=True)
class _Kept:
    values: FloatArray  # [n, ...]
    filled: npt.NDArray[np.bool_]  # [n]


class Examples:
    """One part of the pictures, as f32[n, ...] behind the layers that do not change."""

    def __init__(
        self, pictures: Pictures, room: Room, front: Front | None = None, *, costly: bool = False
    ) -> None:
        """`costly` says whether making examples takes longer than reading them from a disk."""
        self.pictures, self._room, self._front, self._costly = pictures, room, front, costly
        self._loader = Loader(pictures)
        self._kept: dict[int, _Kept | None] = {}  # by variant; None where it is not to be kept
        self._shape = self._make(np.zeros(1, np.int64), 0).shape[1:]

    def __len__(self) -> int:
        return len(self.pictures)

    def close(self) -> None:
        """Let go of threads and room."""
        self._loader.close()
        self._kept.clear()

    def at_once(self, memory: int) -> int:
        """Return how many examples are so many bytes."""
        return memory // _bytes(self._shape)

    def batch(self, rows: IntArray, epoch: int) -> FloatArray:
        """Return the examples of pictures as an epoch, from 0, is to see them."""
        variant = self.pictures.variants.at(epoch)
        if variant not in self._kept:
            self._kept[variant] = self._make_room()
        kept = self._kept[variant]
        if kept is None:
            return np.concatenate([self._make(few, variant) for few in _few(rows)])
        for few in _few(rows[~kept.filled[rows]]):
            kept.values[few] = self._make(few, variant)
            kept.filled[few] = True
        return np.asarray(kept.values[rows])

    def _make(self, rows: IntArray, variant: int) -> FloatArray:
        values = self._loader(rows, variant)
        return self._front(values) if self._front else values

    def _make_room(self) -> _Kept | None:
        if not self.pictures.variants.count:
            return None
        shape = (len(self), *self._shape)
        values = self._room.in_memory(shape)
        if values is None and not self._costly:
            return None
        values = self._room.on_disk(shape) if values is None else values
        return _Kept(values, np.zeros(len(self), np.bool_))


def _few(rows: IntArray) -> Iterator[IntArray]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def _bytes(shape: tuple[int, ...]) -> int:
    return 4 * int(np.prod(shape))

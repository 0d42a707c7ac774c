"""CIFAR-10: 32 x 32 colour pixels, ten labels, 50,000 pictures and 10,000 to test.

Its binary version, as that for Python is a pickle: a program that would run on this machine.
"""

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from poets.datasets.published import LabelIds, Part, Pixels, Published, fetch_published
from poets.network.archives import ArchiveError, Limits, unpack_tar
from poets.network.remote import RemoteFile
from poets.report import Reporter

_ROOT = "cifar-10-batches-bin"  # the folder in the archive
_LIMITS = Limits(members=100, size=1 << 28)
_BATCHES = {"train": tuple(f"data_batch_{n}.bin" for n in range(1, 6)), "test": ("test_batch.bin",)}
_ARCHIVE = RemoteFile(
    url="cifar-10-binary.tar.gz",
    name="cifar-10-binary.tar.gz",
    sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
)


def read_part(
    data: Published, part: str, store: Path, room: Path, reporter: Reporter
) -> tuple[Pixels, LabelIds]:
    """Return the pixels [n, 32, 32, 3] and label ids [n] of a part."""
    (archive,) = data.parts[part].files
    folder = room / _ROOT
    if not folder.exists():  # else another part has unpacked it
        unpack_tar(store / archive.name, folder, reporter, root=_ROOT, limits=_LIMITS)
    batches = _BATCHES[part]
    count = data.parts[part].count // len(batches)
    rows = np.concatenate([_read_batch(folder / name, count, data.shape) for name in batches])
    # A row is the label, then all of red, of green and of blue.
    planes = rows[:, 1:].reshape(-1, data.shape[2], *data.shape[:2])
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), rows[:, 0]


def _read_batch(path: Path, count: int, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Return a file's rows [count, bytes of a picture and its label]."""
    length = 1 + int(np.prod(shape))
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise ArchiveError(f"CIFAR-10's archive has no file '{path.name}' in it.") from error
    if size != count * length:
        raise ArchiveError(
            f"CIFAR-10's {path.name} has {size:,} bytes; {count * length:,} are expected."
        )
    return np.fromfile(path, np.uint8).reshape(count, length)


CIFAR10 = Published(
    name="cifar10",
    labels=(
        *("airplane", "automobile", "bird", "cat", "deer"),
        *("dog", "frog", "horse", "ship", "truck"),
    ),
    shape=(32, 32, 3),
    sources=("https://www.cs.toronto.edu/~kriz/",),
    parts={"train": Part((_ARCHIVE,), 50_000), "test": Part((_ARCHIVE,), 10_000)},
    read=read_part,
    instead="painted_flowers",
)
fetch_cifar10 = partial(fetch_published, CIFAR10)

"""Small published sets of pictures, as mnist's and CIFAR-10's are, with checksums of their own."""

import gzip
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from poets.datasets.cifar10 import CIFAR10
from poets.datasets.mnist import MNIST
from poets.datasets.published import Part, Published
from tests.support.archives import tgz_bytes
from tests.support.http import Resource, Site, serve

Bytes = npt.NDArray[np.uint8]
COUNTS = {"train": 40, "test": 20}
PREFIXES = {"train": "train", "test": "t10k"}
ROOT = "cifar-10-batches-bin"


def label_ids(part: str) -> Bytes:
    """The ten labels in turn."""
    return np.arange(COUNTS[part], dtype=np.uint8) % 10


def pixels(part: str, *shape: int) -> Bytes:
    """Noise, the same each time."""
    rng = np.random.default_rng(COUNTS[part])
    return rng.integers(0, 256, (COUNTS[part], *shape), np.uint8)


def idx_bytes(values: Bytes) -> bytes:
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    return gzip.compress(header + values.tobytes(), mtime=0)


def mnist_files() -> dict[str, bytes]:
    """Images and labels of both parts, by name."""
    files = {}
    for part, prefix in PREFIXES.items():
        files[f"{prefix}-images-idx3-ubyte.gz"] = idx_bytes(pixels(part, 28, 28))
        files[f"{prefix}-labels-idx1-ubyte.gz"] = idx_bytes(label_ids(part))
    return files


def cifar_files() -> dict[str, bytes]:
    """The archive: a row is a label, then the planes of red, green and blue."""
    members = {}
    for part, names in {
        "train": [f"data_batch_{n}.bin" for n in range(1, 6)],
        "test": ["test_batch.bin"],
    }.items():
        planes = pixels(part, 32, 32, 3).transpose(0, 3, 1, 2).reshape(COUNTS[part], -1)
        rows = np.concatenate([label_ids(part)[:, None], planes], axis=1)
        for name, batch in zip(names, np.split(rows, len(names)), strict=True):
            members[f"{ROOT}/{name}"] = batch.tobytes()
    return {"cifar-10-binary.tar.gz": tgz_bytes(members)}


def published(base: Published, files: Mapping[str, bytes], *sources: str) -> Published:
    """A published set's row, for small files with their checksums."""
    sums = {name: sha256(content).hexdigest() for name, content in files.items()}
    parts = {
        name: Part(
            tuple(replace(file, sha256=sums[file.name]) for file in part.files), COUNTS[name]
        )
        for name, part in base.parts.items()
    }
    return replace(base, parts=parts, sources=tuple(f"{source}/" for source in sources))


@contextmanager
def small_mnist(files: Mapping[str, bytes] | None = None) -> Iterator[tuple[Site, Published]]:
    """Serve the files until the block ends."""
    files = files or mnist_files()
    with serve(**{name: Resource(content) for name, content in files.items()}) as site:
        yield site, published(MNIST, files, site.url)


@contextmanager
def small_cifar(files: Mapping[str, bytes] | None = None) -> Iterator[tuple[Site, Published]]:
    """Serve the archive until the block ends."""
    files = files or cifar_files()
    with serve(**{name: Resource(content) for name, content in files.items()}) as site:
        yield site, published(CIFAR10, files, site.url)

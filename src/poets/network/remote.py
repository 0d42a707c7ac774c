"""What is wanted from the network, and what it must be: plain data, quick to import."""

import hashlib
import os
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest
from pathlib import Path
from urllib.parse import urlsplit

from poets.errors import PoetsError

PUBLISHED = "https://storage.googleapis.com/download.tensorflow.org"
_MIRRORED = {  # each address, and the folder of a mirror that has the same
    PUBLISHED: "",
    "https://storage.googleapis.com/tensorflow/keras-applications": "/keras-applications",
    "https://storage.googleapis.com/keras-applications": "/keras-applications",
    "https://ossci-datasets.s3.amazonaws.com/mnist": "/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist": "/mnist",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com": "/fashion-mnist",
    "https://www.cs.toronto.edu/~kriz": "/cifar",
}
MIRROR_VARIABLE = "POETS_DOWNLOAD_BASE"


class DownloadError(PoetsError):
    """A file cannot be had; the message is the reason, short enough to stand in brackets.

    Whoever asked for the file says what that means: no backbone, no pictures.
    """


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its address, the name that a person reads, its checksum where known."""

    url: str
    name: str
    sha256: str | None = None
    md5: str | None = None  # where nothing better is published

    def check(self, path: Path) -> None:
        """Raise DownloadError unless the file at `path` has the known checksums."""
        for kind, expected in (("sha256", self.sha256), ("md5", self.md5)):
            found = _checksum(path, kind) if expected else None
            if found != expected:
                raise DownloadError(f"its {kind} is {found}, expected {expected}")


@dataclass(frozen=True)
class Wanted:
    """A file from byte `start` on, if it still is the version that `validator` names."""

    url: str
    start: int = 0
    validator: str = ""

    @property
    def host(self) -> str:
        """Host and port, without a password that the address may hold."""
        try:
            return urlsplit(self.url).netloc.rpartition("@")[2] or self.url
        except ValueError:
            return "the address"


@dataclass(frozen=True)
class Version:
    """Which version of which file some bytes belong to."""

    url: str
    validator: str  # ETag or date; "" where the server gives none, and nothing can be resumed
    total: int | None  # bytes of the whole file, None where the server does not say

    def to_text(self) -> str:
        """Return three lines."""
        return f"{self.url}\n{self.validator}\n{'' if self.total is None else self.total}"

    @classmethod
    def from_text(cls, text: str) -> "Version":
        """Read three lines; raise ValueError for anything else."""
        url, validator, total = text.split("\n")
        if not is_plain(validator):
            raise ValueError(validator)
        return cls(url, validator, int(total) if total else None)


def is_plain(header: str) -> bool:
    """Tell whether a header can be sent back as it came."""
    return header.isascii() and header.isprintable()


def mirror(url: str) -> str:
    """Return the address to really ask.

    The environment variable POETS_DOWNLOAD_BASE replaces
    `https://storage.googleapis.com/download.tensorflow.org`: a classroom's own server. It has
    Keras's weights in a folder `keras-applications`, sets of pictures in `mnist`,
    `fashion-mnist` and `cifar`.
    """
    base = os.environ.get(MIRROR_VARIABLE, "").strip().rstrip("/")
    for published, folder in _MIRRORED.items():
        if base and url.startswith(f"{published}/"):
            return base + folder + url.removeprefix(published)
    return url


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; raise DownloadError where it is unreadable."""
    return _checksum(path, "sha256")


def _checksum(path: Path, kind: str) -> str:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe would block
            raise DownloadError(f"{path}: not a file")
        with path.open("rb") as file:
            # Systems that forbid MD5 as a protection allow it where it looks for damage.
            return file_digest(file, partial(hashlib.new, kind, usedforsecurity=False)).hexdigest()
    except OSError as error:
        raise DownloadError(f"{path}: {(error.strerror or str(error)).lower()}") from error

"""What is wanted from the network, and what it must be: plain data, quick to import."""

import os
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from urllib.parse import urlsplit

from poets.errors import PoetsError

PUBLISHED = "https://storage.googleapis.com/download.tensorflow.org"
MIRROR_VARIABLE = "POETS_DOWNLOAD_BASE"


class DownloadError(PoetsError):
    """A file cannot be had; the message is the reason, short enough to stand in brackets.

    Whoever asked for the file says what that means: no backbone, no pictures.
    """


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its address, the name that a person reads, its SHA-256 where known."""

    url: str
    name: str
    sha256: str | None = None

    def check(self, path: Path) -> None:
        """Raise DownloadError unless the file at `path` has the known checksum."""
        found = sha256_of(path) if self.sha256 else None
        if found != self.sha256:
            raise DownloadError(f"its sha256 is {found}, expected {self.sha256}")


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
    `https://storage.googleapis.com/download.tensorflow.org`: a classroom's own server.
    """
    base = os.environ.get(MIRROR_VARIABLE, "").strip().rstrip("/")
    if not base or not url.startswith(f"{PUBLISHED}/"):
        return url
    return base + url.removeprefix(PUBLISHED)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; raise DownloadError where it is unreadable."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DownloadError(f"{path}: {(error.strerror or str(error)).lower()}") from error

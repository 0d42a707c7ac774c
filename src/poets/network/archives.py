"""Unpacking archives that others made: whole or not at all, and nothing outside the folder."""

import gzip
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self

from poets.errors import PoetsError
from poets.files import output_errors
from poets.report import Reporter

_BLOCK = 1 << 16
_LONG_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class ArchiveError(PoetsError):
    """An archive cannot be unpacked; the message names it. Whoever needs it says what for."""


@dataclass(frozen=True)
class Limits:
    """What an archive may become: the wrong one could fill the disk."""

    members: int = 100_000
    size: int = 1 << 31  # bytes, headers and all


def unpack_tar(
    archive: Path, folder: Path, reporter: Reporter, *, root: str = "", limits: Limits | None = None
) -> Path:
    """Unpack a .tgz, or the folder `root` in it, to be `folder`, new or empty until now.

    Raises ArchiveError for an archive that is broken, holds anything but files and folders, or
    exceeds the limits, and OutputError where `folder` cannot be written.
    """
    with _opened(archive) as file, output_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Beside `folder`: on the same disk, where moving is one step.
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as place:
            unpacked = Path(place, "unpacked")
            unpacked.mkdir()
            with _archive_errors(archive):
                _extract(file, unpacked, reporter, limits or Limits())
            if not (unpacked / root).is_dir():
                raise ArchiveError(f"{archive} has no folder '{root}' in it.")
            os.sync()  # before it gets its name: a power cut leaves no empty files
            (unpacked / root).rename(folder)
    return folder


def _opened(archive: Path) -> BinaryIO:
    try:
        return archive.open("rb")
    except OSError as error:
        raise ArchiveError(f"{archive} cannot be unpacked: {_reason(error)}.") from error


@contextmanager
def _archive_errors(archive: Path) -> Iterator[None]:
    try:
        yield
    except _UnreadableError as error:
        raise ArchiveError(f"{archive} cannot be unpacked: {error}.") from error
    # tarfile passes on what int(), float() and os.utime() say about hostile headers.
    except (tarfile.TarError, ValueError, OverflowError) as error:
        reason = "it is broken, or reaches out of its folder"
        raise ArchiveError(f"{archive} cannot be unpacked: {reason}.") from error


def _extract(file: BinaryIO, folder: Path, reporter: Reporter, limits: Limits) -> None:
    size = os.fstat(file.fileno()).st_size
    with reporter.progress(f"Unpacking {Path(file.name).name}", size, "B") as advance:
        done = 0
        for tar, member in _members(file, limits):
            _check_kind(member)
            _unpack(tar, member, folder)
            advance(file.tell() - done)
            done = file.tell()
        advance(size - done)


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a file or a folder below `folder`.

    Not extract(): the filter that makes it safe is missing in the first releases of Python 3.11.
    """
    name = PurePosixPath(member.name.lstrip("/"))
    if ".." in name.parts:
        raise _UnreadableError("it reaches out of its folder")
    target = folder / name
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    if content is not None:
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _members(file: BinaryIO, limits: Limits) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    with (
        _Decompressed(file, limits.size) as stream,
        # A stream is read once and forwards: no header can make tarfile jump about in it.
        tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as tar,
    ):
        for count, member in enumerate(tar):
            if count >= limits.members:
                raise _UnreadableError(f"more than {limits.members:,} files")
            yield tar, member
        while stream.read(_BLOCK):  # to the end, where the checksum is
            pass


def _check_kind(member: tarfile.TarInfo) -> None:
    if not (member.isdir() or (member.isreg() and not member.issparse())):
        raise _UnreadableError("it holds more than files and folders")


class _UnreadableError(Exception):
    """Why an archive cannot be unpacked."""


class _Member(tarfile.TarInfo):
    """A member whose header fits into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header's block; tarfile would load a long header of any size."""
        member = super().frombuf(buf, encoding, errors)
        if member.size < 0 or (member.type in _LONG_HEADERS and member.size > _BLOCK):
            raise tarfile.ReadError("a header of impossible size")
        return member


class _Decompressed(gzip.GzipFile):
    """What a .gz holds, up to a limit: a small file may unpack to terabytes."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        super().__init__(fileobj=file, mode="rb")
        self._limit = limit
        self._left = limit

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes; raise _UnreadableError where the file is broken."""
        try:
            content = super().read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise _UnreadableError(_reason(error)) from error
        self._left -= len(content)
        if self._left < 0:
            raise _UnreadableError(f"it holds more than {self._limit:,} bytes")
        return content


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "it ends too early"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "it is broken, or no .tgz"

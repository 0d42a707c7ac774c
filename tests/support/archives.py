"""Small archives, good and hostile."""

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path


def tar_bytes(files: Mapping[str, bytes], others: Iterable[tarfile.TarInfo] = ()) -> bytes:
    """Return an uncompressed tar of files, and of members without content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in others:
            tar.addfile(member)
    return buffer.getvalue()


def tgz_bytes(files: Mapping[str, bytes], others: Iterable[tarfile.TarInfo] = ()) -> bytes:
    """Return the same, compressed; equal members give equal bytes."""
    return gzip.compress(tar_bytes(files, others), mtime=0)


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """Return a member that is a link or, by `kind`, a device."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return what is in a folder: content by relative path, None for a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }

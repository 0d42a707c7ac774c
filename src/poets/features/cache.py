"""The cache of features: one SQLite file, content-addressed and transactional."""

import os
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import PIL

from poets.errors import OutputError
from poets.files import output_errors
from poets.preprocess import FloatArray

CACHE_FILE = "features.sqlite"
DECODER = f"Pillow {PIL.__version__}"  # a later one may read what this one cannot
_SEAL = 4  # bytes of checksum before a small picture
_BUSY_SECONDS = 60.0  # another process that shares the cache holds it for a batch at most
_SCHEMA = """
PRAGMA page_size = 16384;
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unreadable (
    sha256 BLOB NOT NULL, decoder TEXT NOT NULL, reason TEXT NOT NULL, UNIQUE (sha256, decoder)
);
CREATE TABLE IF NOT EXISTS features (
    sha256 BLOB NOT NULL, recipe TEXT NOT NULL, data BLOB NOT NULL, UNIQUE (sha256, recipe)
);
CREATE TABLE IF NOT EXISTS thumbnails (
    sha256 BLOB NOT NULL, kind TEXT NOT NULL, jpeg BLOB NOT NULL, UNIQUE (sha256, kind)
);
"""


@dataclass(frozen=True)
class FileState:
    """What tells that a file was not changed since it was read."""

    path: Path
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Ask the file system; raises OSError."""
        status = path.stat()
        return cls(path, status.st_size, status.st_mtime_ns)

    @property
    def key(self) -> bytes:
        """The absolute path as the file system spells it."""
        return os.fsencode(os.path.abspath(self.path))  # noqa: PTH100 - resolve() asks the disk


@dataclass(frozen=True)
class Entry:
    """What is known of a file's content: its features, or why it has none; else its hash alone."""

    sha256: bytes
    values: FloatArray | None = None  # [feature_size]
    reason: str = ""


@dataclass(frozen=True)
class SmallPicture:
    """What is shown of a file's content: a thumbnail, or where a network saw a label in it."""

    state: FileState
    sha256: bytes
    kind: str  # all that it depends on beside the content
    content: bytes


class FeatureCache:
    """Features by the SHA-256 of a file's bytes and a recipe: backbone, preprocess, variant."""

    def __init__(self, folder: Path) -> None:
        """Open or make the cache in `folder`; a damaged one is set aside and started anew.

        Raises OutputError where the folder cannot be written.
        """
        self.path = folder / CACHE_FILE
        with output_errors(self.path):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = self._open()
        except sqlite3.OperationalError as error:
            raise self._output_error(error) from error
        except sqlite3.DatabaseError:
            self._connection = self._start_anew()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def look_up(self, state: FileState, recipe: str) -> Entry | None:
        """Return what is known of a file that did not change since it was read, else None."""
        sha256 = self.sha256_of(state)
        return None if sha256 is None else self.look_up_content(sha256, recipe)

    def sha256_of(self, state: FileState) -> bytes | None:
        """Return the hash of a file that did not change since it was read, else None."""
        rows = self._read(
            "SELECT sha256 FROM files WHERE path = ? AND size = ? AND mtime_ns = ?",
            (state.key, state.size, state.mtime_ns),
        )
        return rows[0][0] if rows else None

    def is_unreadable(self, path: Path) -> bool:
        """Tell whether the file is known to hold no picture, or cannot be opened."""
        try:
            entry = self.look_up(FileState.of(path), recipe="")
        except OSError:
            return True
        if not path.is_file() or not os.access(path, os.R_OK):
            return True
        return entry is not None and bool(entry.reason)

    def look_up_content(self, sha256: bytes, recipe: str) -> Entry | None:
        """Return what is known of content with that hash, else None."""
        rows = self._read(
            "SELECT data FROM features WHERE sha256 = ? AND recipe = ?", (sha256, recipe)
        )
        if rows:
            return Entry(sha256, values=np.frombuffer(rows[0][0], dtype="<f4"))
        rows = self._read(
            "SELECT reason FROM unreadable WHERE sha256 = ? AND decoder = ?", (sha256, DECODER)
        )
        return Entry(sha256, reason=rows[0][0]) if rows else None

    def known_content(self, recipe: str) -> frozenset[bytes]:
        """Return the hashes of all content with features by that recipe, or known unreadable."""
        rows = self._read(
            "SELECT sha256 FROM features WHERE recipe = ?"
            " UNION SELECT sha256 FROM unreadable WHERE decoder = ?",
            (recipe, DECODER),
        )
        return frozenset(row[0] for row in rows)

    def store(self, found: Iterable[tuple[FileState, Entry]], recipe: str) -> None:
        """Keep what was found in files, all of it or nothing; raises OutputError."""
        rows = list(found)
        self._keep(lambda: self._write(rows, recipe))

    def look_up_thumbnail(self, state: FileState, kind: str) -> bytes | None:
        """Return the small picture of a file that did not change since it was read, else None.

        None for a damaged one, too: SQLite has no checksum, and who draws it is not to meet it.
        """
        rows = self._read(
            "SELECT jpeg FROM files JOIN thumbnails USING (sha256)"
            " WHERE path = ? AND size = ? AND mtime_ns = ? AND kind = ?",
            (state.key, state.size, state.mtime_ns, kind),
        )
        content: bytes | None = rows[0][0][_SEAL:] if rows else None
        return content if content is not None and _sealed(content) == rows[0][0] else None

    def store_thumbnails(self, found: Iterable[SmallPicture]) -> None:
        """Keep small pictures, all of them or none; raises OutputError."""
        rows = list(found)
        self._keep(lambda: self._write_thumbnails(rows))

    def _keep(self, write: Callable[[], None]) -> None:
        try:
            write()
        except sqlite3.OperationalError as error:
            raise self._output_error(error) from error
        except sqlite3.DatabaseError:
            self._connection.close()
            self._connection = self._start_anew()
            write()

    def _read(self, query: str, values: tuple[object, ...]) -> list[Any]:
        """Return the rows; none where the file turns out to be damaged, and is started anew."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            raise self._output_error(error, "read") from error
        except sqlite3.DatabaseError:
            self._connection.close()
            self._connection = self._start_anew()
            return []

    def _write(self, found: Iterable[tuple[FileState, Entry]], recipe: str) -> None:
        with self._connection:  # commits, or rolls back when the block fails
            self._connection.execute("BEGIN IMMEDIATE")
            for state, entry in found:
                self._store_file(state, entry.sha256)
                self._store_content(entry, recipe)

    def _write_thumbnails(self, found: Iterable[SmallPicture]) -> None:
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for one in found:
                self._store_file(one.state, one.sha256)
                self._connection.execute(
                    "INSERT OR REPLACE INTO thumbnails VALUES (?, ?, ?)",
                    (one.sha256, one.kind, _sealed(one.content)),
                )

    def _store_file(self, state: FileState, sha256: bytes) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
            (state.key, state.size, state.mtime_ns, sha256),
        )

    def _store_content(self, entry: Entry, recipe: str) -> None:
        if entry.values is not None:
            self._connection.execute(
                "INSERT OR IGNORE INTO features VALUES (?, ?, ?)",
                (entry.sha256, recipe, entry.values.astype("<f4").tobytes()),
            )
        elif entry.reason:  # else it is known content, under another name
            self._connection.execute(
                "INSERT OR IGNORE INTO unreadable VALUES (?, ?, ?)",
                (entry.sha256, DECODER, entry.reason),
            )

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            # One of an earlier version that may only be read lacks a table, and is still of use.
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_READONLY:
                connection.close()
                raise
        return connection

    def _start_anew(self) -> sqlite3.Connection:
        """Set the damaged file aside and open a new one."""
        self.path.replace(self.path.with_suffix(".damaged"))
        return self._open()

    def _output_error(self, error: sqlite3.Error, action: str = "written") -> OutputError:
        hint = "Make room and the folder writable, or choose another with --bottleneck_dir."
        return OutputError(f"{self.path} cannot be {action}: {error}.", hint=hint)


def _sealed(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_SEAL, "big") + content

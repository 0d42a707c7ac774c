"""MNIST's own format: a short header, then bytes. http://yann.lecun.com/exdb/mnist/ has it."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from poets.errors import DataError

_UNSIGNED_BYTES = 0x08


def read_idx(path: Path, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Return the array of that shape which a gzipped idx file must hold.

    Raises DataError with the reason: the file's own counts are compared, never believed.
    """
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, _UNSIGNED_BYTES, len(shape), *shape)
    wanted = len(header) + int(np.prod(shape))
    content = _unzipped(path, wanted + 1)
    if content[: len(header)] != header:
        raise _error(path, f"it does not hold {shape[0]:,} items of the expected size")
    if len(content) != wanted:
        less = "less" if len(content) < wanted else "more"
        raise _error(path, f"it holds {less} than its {wanted:,} bytes")
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)


def _unzipped(path: Path, limit: int) -> bytes:
    """Return up to `limit` bytes: a small file may unpack to terabytes."""
    try:
        with gzip.open(path) as file:
            return file.read(limit)
    except EOFError as error:
        raise _error(path, "it ends too early") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise _error(path, "it is broken, or no .gz") from error
    except OSError as error:
        raise _error(path, (error.strerror or str(error)).lower()) from error


def _error(path: Path, reason: str) -> DataError:
    hint = "Remove it, and run again: it is downloaded anew."
    return DataError(f"{path} cannot be read: {reason}.", hint=hint)

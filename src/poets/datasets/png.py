"""Writing thousands of small pictures."""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from poets.report import Reporter

_BATCH = 256  # pictures between two reports
_COLOUR_TYPES = {2: 0, 3: 2}  # by the number of an array's axes: grey, RGB


def write_pngs(paths: Sequence[Path], pixels: npt.NDArray[np.uint8], reporter: Reporter) -> None:
    """Write pixels [n, height, width] or [n, height, width, 3] as PNG files; raise OSError."""
    with reporter.progress("Writing pictures", len(paths), "pictures") as advance:
        for start in range(0, len(paths), _BATCH):
            batch = slice(start, start + _BATCH)
            for path, values in zip(paths[batch], pixels[batch], strict=True):
                with open(path, "wb", buffering=0) as file:  # noqa: PTH123 - faster by a third
                    file.write(png_of(values))
            advance(len(paths[batch]))


def png_of(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return a PNG file of pixels [height, width] or [height, width, 3].

    Not Pillow: for 28 x 28 pixels it takes five times as long, and threads do not help.
    The format is https://www.w3.org/TR/png-3/.
    """
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + pixels[0].size), np.uint8)  # each behind its filter's number, 0
    rows[:, 1:] = pixels.reshape(height, -1)
    colour_type = _COLOUR_TYPES[pixels.ndim]
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    content = zlib.compress(rows.tobytes(), level=1)
    chunks = ((b"IHDR", header), (b"IDAT", content), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

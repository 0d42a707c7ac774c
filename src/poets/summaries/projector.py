"""The Projector tab: every picture a point, near those that the network finds alike."""

import hashlib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from poets.files import write_bytes
from poets.preprocess import FloatArray

CONFIG = "projector_config.pbtxt"  # in a run's folder, where TensorBoard looks for it
FOLDER = "projector"  # beside it
MOST_POINTS = 1500
_TENSORS, _METADATA, _SPRITE = "features.tsv", "pictures.tsv", "pictures.jpg"
_OURS = "# Written by poets, which replaces it."
_DIMENSIONS = 64
_FORMAT = 1  # raise it when what is drawn changes
_SIDE = 48  # pixels of a picture among the points


@dataclass(frozen=True)
class Points:
    """Pictures as the projector shows them."""

    values: FloatArray  # [n, feature_size]
    jpegs: Sequence[bytes]  # [n]; empty for one that cannot be read
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]  # [n], what is known of each picture


def write_projector(folder: Path, points: Points) -> None:
    """Write the points' files into a run's folder; another tool's stay, and keep these away.

    Raises OutputError.
    """
    place = folder / FOLDER
    before = _read(folder / CONFIG)
    if len(points.rows) < 2 or not before.startswith(_OURS):
        return
    write_bytes(place / _METADATA, _table([points.columns, *points.rows]))
    config = _config(points)
    if before == config and (place / _TENSORS).is_file() and (place / _SPRITE).is_file():
        return
    write_bytes(place / _TENSORS, _tensors(fewer_dimensions(points.values, _DIMENSIONS)))
    write_bytes(place / _SPRITE, _sprites(points.jpegs))
    write_bytes(folder / CONFIG, config.encode())


def fewer_dimensions(values: FloatArray, count: int) -> FloatArray:
    """Return f32[n, at most count]: coordinates in a space near that of the most variance.

    As a randomised range finder with a power iteration spans it (Halko, Martinsson and Tropp
    2011), at a tenth of what the principal components themselves cost.
    """
    centred: FloatArray = values - values.mean(axis=0)
    if centred.shape[1] <= count:
        return centred
    scale = np.abs(centred).max() or np.float32(1)
    centred /= scale  # powers of large numbers would be infinite
    guess = np.random.default_rng(0).standard_normal((len(centred), count), dtype=np.float32)
    found = (centred.T @ (centred @ (centred.T @ guess))).astype(np.float64)
    products = found.T @ found
    # With fewer pictures than dimensions there is nothing along some: they come out as 0.
    products[np.diag_indices(count)] += 1e-9 * np.trace(products) + 1e-30
    basis = np.linalg.solve(np.linalg.cholesky(products), found.T)
    coordinates: FloatArray = centred @ basis.T.astype(np.float32) * scale
    return coordinates


def _read(config: Path) -> str:
    try:
        return config.read_text("utf-8", errors="replace")
    except OSError:
        return _OURS  # nobody's


def _tensors(values: FloatArray) -> bytes:
    """Write text: TensorBoard takes numbers in bytes that happen to be UTF-8 for text."""
    scale = float(np.abs(values).max()) or 1.0
    whole = np.rint(values / scale * 10_000).astype(int).tolist()
    return "".join("\t".join(map(str, row)) + "\n" for row in whole).encode()


def _table(rows: Sequence[Sequence[str]]) -> bytes:
    lines = ("\t".join(map(_in_a_cell, row)) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode(errors="replace")


def _in_a_cell(text: str) -> str:
    """Replace tabs, line breaks and what else cannot be printed."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _sprites(jpegs: Sequence[bytes]) -> bytes:
    """Draw all pictures in a square, row by row: TensorBoard takes it for one."""
    columns = math.ceil(math.sqrt(len(jpegs)))
    paper = Image.new("RGB", (columns * _SIDE, columns * _SIDE), "white")
    for index, jpeg in enumerate(jpegs):
        row, column = divmod(index, columns)
        paper.paste(_sprite(jpeg), (column * _SIDE, row * _SIDE))
    file = io.BytesIO()
    paper.save(file, "JPEG", quality=80)
    return file.getvalue()


def _sprite(jpeg: bytes) -> Image.Image:
    if not jpeg:
        return Image.new("RGB", (_SIDE, _SIDE), "white")
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        image.draft("RGB", (_SIDE, _SIDE))  # a JPEG decodes at half its size for less
        return ImageOps.fit(image, (_SIDE, _SIDE), Image.Resampling.BILINEAR)


def _config(points: Points) -> str:
    digest = hashlib.sha256(points.values.tobytes())
    digest.update(b"".join(points.jpegs))
    return f"""{_OURS}
# {_FORMAT} {digest.hexdigest()}
embeddings {{
  tensor_name: "features"
  tensor_path: "{FOLDER}/{_TENSORS}"
  metadata_path: "{FOLDER}/{_METADATA}"
  sprite {{
    image_path: "{FOLDER}/{_SPRITE}"
    single_image_dim: {_SIDE}
    single_image_dim: {_SIDE}
  }}
}}
"""

"""Files of what a graph on pixels looks for."""

import io
from pathlib import Path

from PIL import Image

from poets.backbones.pixels_table import is_pixels
from poets.errors import ModelError
from poets.export.read_head import read_head
from poets.files import write_bytes
from poets.heads.drawing import draw_weights, weight_sheet
from poets.labelling.sorting import check_folder_names

SHEET = "weights.png"


def write_weights(graph: Path, folder: Path) -> tuple[Path, ...]:
    """Write a PNG a label, NUMBER_LABEL.png, and one sheet of them all, which comes first.

    Raises ModelError for a graph that is not ours or whose features are no pixels, OutputError.
    """
    head, manifest = read_head(graph)
    if not is_pixels(manifest.architecture):
        message = (
            f"{graph}: {manifest.architecture} gives features, and its weights are no pictures."
        )
        raise ModelError(message, hint="Train with --architecture pixels_28, or pixels_28_gray.")
    check_folder_names(manifest.labels)
    drawn = draw_weights(head, manifest.preprocess, manifest.labels)
    digits = len(str(len(drawn) - 1))
    pictures = {SHEET: weight_sheet(drawn)} | {
        f"{index:0{digits}}_{label}.png": picture
        for index, (label, picture) in enumerate(drawn.items())
    }
    for name, picture in pictures.items():
        write_bytes(folder / name, _png(picture))
    return tuple(folder / name for name in pictures)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()

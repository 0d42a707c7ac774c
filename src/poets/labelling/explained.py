"""Pictures with their heat maps: where they are written, and that no other picture is lost."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from poets.errors import OutputError, UsageError
from poets.features.thumbnails import upright
from poets.files import check_writable, replacing
from poets.heatmap import overlay
from poets.labelling.inputs import is_picture_name
from poets.preprocess import FloatArray

_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
_MARK = "heat map by poets"  # in each file that is written: only such a file is replaced
MAX_SIDE = 1600  # pixels, of the longer side


def explain_places(explain: Path, pictures: Sequence[Path]) -> list[Path]:
    """Return where the heat map of each picture goes: `explain` itself, or files in that folder.

    Raises UsageError for a place that does not do for so many pictures or is one of them,
    OutputError for one that cannot be written or has something else in it.
    """
    if not is_picture_name(explain) or explain.is_dir():
        return _in_folder(explain, pictures)
    if len(pictures) != 1:
        message = f"--explain {explain} is one file, for {len(pictures)} pictures."
        raise UsageError(message, hint=f"Name a folder: --explain {explain.with_suffix('')}")
    if explain.suffix.lower() not in _FORMATS:
        message = f"--explain {explain}: heat maps are written as JPEG or PNG."
        raise UsageError(message, hint=f"--explain {explain.with_suffix('.jpg')}")
    if _real(explain) == _real(pictures[0]):
        message = f"--explain {explain} is the picture itself."
        raise UsageError(message, hint="Name another file.")
    check_writable(explain)
    if explain.exists() and not _is_ours(explain):
        message = f"{explain} is there already, and is no heat map."
        raise OutputError(message, hint="Name another file, or remove this one.")
    return [explain]


def write_explained(content: bytes, heat: FloatArray, path: Path) -> None:
    """Write a picture, its file's bytes, with a heat map over it, whole or not at all.

    Raises OutputError, and UnreadableImageError for bytes that are no picture.
    """
    image = overlay(upright(content, MAX_SIDE), heat)
    with replacing(path) as partial:
        if _FORMATS[path.suffix.lower()] == "PNG":
            mark = PngInfo()
            mark.add_text("Comment", _MARK)
            image.save(partial, "PNG", pnginfo=mark)
        else:
            image.save(partial, "JPEG", quality=90, comment=_MARK)


def _in_folder(folder: Path, pictures: Sequence[Path]) -> list[Path]:
    """Return a file in `folder` for each picture, named after it; the folder is made."""
    place = _real(folder)
    if any(place == _real(picture.parent) for picture in pictures):
        message = f"--explain {folder}: these pictures are in that folder."
        raise UsageError(message, hint="Name a folder for the heat maps alone.")
    if folder.exists() and not folder.is_dir():
        message = f"--explain {folder} is there already, and is no folder."
        raise UsageError(message, hint="Name a folder, or a .jpg or .png for one picture.")
    check_writable(folder / "heat_map.jpg")
    taken: set[str] = set()
    numbers: Counter[str] = Counter()
    return [_free_name(folder, picture.stem, taken, numbers) for picture in pictures]


def _free_name(folder: Path, stem: str, taken: set[str], numbers: Counter[str]) -> Path:
    """Return the first name that is neither taken nor another's; `numbers` says where to go on."""
    while True:
        numbers[stem] += 1
        number = f"_{numbers[stem]}" if numbers[stem] > 1 else ""
        path = folder / f"{stem}{number}.jpg"
        if path.name.casefold() not in taken and (not path.exists() or _is_ours(path)):
            taken.add(path.name.casefold())
            return path


def _real(path: Path) -> str:
    """Return where a path leads to; unlike Path.resolve() it takes a link that leads to itself."""
    return os.path.realpath(path)


def _is_ours(path: Path) -> bool:
    """Tell whether a file is a heat map that may be replaced by a newer one."""
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as image:
            mark = image.info.get("comment", image.info.get("Comment", ""))
    # A folder, a pipe's refusal, and what a hostile file makes Pillow's decoders raise.
    except Exception:
        return False
    return mark in (_MARK, _MARK.encode())

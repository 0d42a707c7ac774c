"""Finding the pictures of an image-folder tree: one sub-folder a label."""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from poets.errors import DataError, UsageError
from poets.labels import check_label
from poets.registry import did_you_mean

MIN_ADVISED = 20  # the codelab's warning: fewer pictures a label may cause trouble
LAYOUT_HINT = (
    "One sub-folder of pictures a label is wanted: FOLDER/daisy/1.jpg, FOLDER/roses/2.jpg."
)
_LITTER = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True, order=True)
class LabeledImage:
    """A file in a label's folder, not yet opened."""

    label: str
    path: Path


def find_images(image_dir: Path) -> tuple[LabeledImage, ...]:
    """List the files of every sub-folder, sorted by label and name; nothing is opened.

    Raises DataError where the folder is missing or holds no sub-folder with files.
    """
    try:
        if not image_dir.is_dir():
            raise DataError(f"{image_dir}: {_why_no_folder(image_dir)}", hint=LAYOUT_HINT)
        found = [
            LabeledImage(label, path)
            for label, folder in _label_folders(image_dir).items()
            for path in _files(folder)
        ]
    except OSError as error:
        hint = "Make the folder readable."
        raise DataError(f"{error.filename}: {error.strerror}.", hint=hint) from error
    if not found:
        message = f"No valid folders of images found at {image_dir}"
        raise DataError(message, hint=LAYOUT_HINT)
    return tuple(sorted(found))


def keep_out_of_pictures(paths: Sequence[Path], image_dir: Path) -> None:
    """Raise UsageError for a place among the labels' folders: what lies there is the user's."""
    pictures = image_dir.resolve()
    for path in paths:
        if pictures in path.resolve().parent.parents:
            message = f"{path} is in a folder of pictures."
            raise UsageError(message, hint="Choose a place outside of --image_dir.")


def count_labels(images: Iterable[LabeledImage]) -> dict[str, int]:
    """Return how many pictures each label has, in label order."""
    return dict(sorted(Counter(image.label for image in images).items()))


def _label_folders(image_dir: Path) -> dict[str, Path]:
    folders: dict[str, Path] = {}
    for folder in sorted(list_folder(image_dir)):
        if not folder.is_dir():
            continue
        check_label(folder.name, folder)
        label = unicodedata.normalize("NFC", folder.name)
        if label in folders:
            hint = "Rename one: their names differ only in how Unicode spells them."
            twins = " and ".join(ascii(str(twin)) for twin in (folders[label], folder))
            raise DataError(f"{twins} are one label.", hint=hint)
        folders[label] = folder
    return folders


def _files(folder: Path) -> list[Path]:
    return [path for path in list_folder(folder) if not path.is_dir()]


def list_folder(folder: Path) -> list[Path]:
    """List a folder but for what hides and what file managers leave behind."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries]
    return [folder / n for n in names if not n.startswith(".") and n.lower() not in _LITTER]


def _why_no_folder(image_dir: Path) -> str:
    if image_dir.exists():
        return "is a file, not a folder."
    siblings = [p.name for p in image_dir.parent.iterdir()] if image_dir.parent.is_dir() else []
    return f"no such folder.{did_you_mean(image_dir.name, siblings)}"

"""Which folder of pictures is which label of a graph."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from poets.decode import UnreadableImageError
from poets.errors import DataError
from poets.images import LabeledImage
from poets.report import Reporter
from poets.runtimes.model import Model

_NAMED = 10  # labels that a message still lists


def match_folders(
    images: Sequence[LabeledImage], model: Model, image_dir: Path, reporter: Reporter
) -> tuple[LabeledImage, ...]:
    """Return the pictures with the graph's labels; a folder without pictures is left out.

    Raises DataError for a folder that is no label: figures over the others would mislead.
    """
    labels = {image.label: _find(image.label, model.labels) for image in images}
    unknown = [folder for folder, label in labels.items() if label is None]
    for folder in [*unknown]:
        if not any(_readable(image, model) for image in images if image.label == folder):
            reporter.warning(f"{folder}: no label of the graph, and no picture in it; left out.")
            unknown.remove(folder)
    if unknown:
        listed = ", ".join(_with_nearest(name, model.labels) for name in unknown[:_NAMED])
        message = f"{image_dir}: not all folders are labels of the graph: {listed}"
        raise DataError(f"{message}{_more(unknown)}.", hint=_hint(model.labels))
    return tuple(replace(image, label=label) for image in images if (label := labels[image.label]))


def _find(folder: str, labels: Sequence[str]) -> str | None:
    """Return a folder's label: its own name, or what the codelab's script makes of it."""
    old = re.sub(r"[^a-z0-9]+", " ", folder.lower())
    return next((label for label in (folder, old) if label in labels), None)


def _readable(image: LabeledImage, model: Model) -> bool:
    try:
        model.preprocess.load(image.path)
    except UnreadableImageError:
        return False
    return True


def _with_nearest(name: str, labels: Sequence[str]) -> str:
    nearest = get_close_matches(name, labels, n=1)
    return f"'{name}' (is it '{nearest[0]}'?)" if nearest else f"'{name}'"


def _hint(labels: Sequence[str]) -> str:
    listed = ", ".join(f"'{label}'" for label in labels[:_NAMED])
    return f"Its labels: {listed}{_more(labels)}. Rename those folders, or move them away."


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""

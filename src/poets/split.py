"""Which of training, validation and testing a picture belongs to, by its name alone."""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, get_args

from poets.config.data import SplitConfig
from poets.errors import DataError
from poets.images import LabeledImage

Part = Literal["training", "validation", "testing"]
PARTS: tuple[Part, ...] = get_args(Part)
_MAX_IMAGES_PER_CLASS = 2**27 - 1  # about 134 million, the codelab's modulus


def hash_percentage(name: str) -> float:
    """Return where in [0, 100] a file name falls.

    SHA-1 of the name up to "_nohash_", modulo 2^27, times 100 / (2^27 - 1), as the codelab's
    script does with the path. The name alone: a picture keeps its part when its folder moves.
    Pictures that share what stands before "_nohash_" stay together.
    """
    stem = unicodedata.normalize("NFC", name).split("_nohash_")[0]
    digest = hashlib.sha1(stem.encode(errors="surrogateescape"), usedforsecurity=False)
    number = int(digest.hexdigest(), 16) % (_MAX_IMAGES_PER_CLASS + 1)
    return number * (100.0 / _MAX_IMAGES_PER_CLASS)


def assign_split(name: str, config: SplitConfig) -> Part:
    """Return the part that a file name falls into."""
    percentage = hash_percentage(name)
    if percentage < config.validation_percentage:
        return "validation"
    if percentage < config.validation_percentage + config.testing_percentage:
        return "testing"
    return "training"


def split_images(images: Sequence[LabeledImage], config: SplitConfig) -> tuple[Part, ...]:
    """Return each picture's part, no part of a label being empty where it is wanted.

    Raises DataError for a label with fewer pictures than wanted parts.
    """
    by_label: dict[str, list[int]] = defaultdict(list)
    for index, image in enumerate(images):
        by_label[image.label].append(index)
    parts: list[Part] = [assign_split(image.path.name, config) for image in images]
    for label, indices in by_label.items():
        _require(label, len(indices), config)
        _fill_empty_parts(parts, images, indices, config)
    return tuple(parts)


def wanted_parts(config: SplitConfig) -> list[Part]:
    """Return the parts that are to hold pictures."""
    wanted: list[Part] = ["training"]
    if config.validation_percentage:
        wanted.append("validation")
    if config.testing_percentage:
        wanted.append("testing")
    return wanted


def _require(label: str, count: int, config: SplitConfig) -> None:
    needed = len(wanted_parts(config))
    if count < needed:
        message = f"{label}: {count} readable picture{'s' * (count != 1)}, {needed} are needed"
        hint = "Add pictures to the folder, or take the folder away."
        raise DataError(f"{message} (one each for {', '.join(wanted_parts(config))}).", hint=hint)


def _fill_empty_parts(
    parts: list[Part], images: Sequence[LabeledImage], indices: list[int], config: SplitConfig
) -> None:
    """Give an empty part the lowest-hashed picture, with its group, of the label's fullest part."""
    for part in wanted_parts(config):
        if any(parts[i] == part for i in indices):
            continue
        sizes = {p: sum(parts[i] == p for i in indices) for p in PARTS}
        fullest = max(PARTS, key=lambda p: sizes[p])
        hashes = {i: hash_percentage(images[i].path.name) for i in indices if parts[i] == fullest}
        group = [i for i, own in hashes.items() if own == min(hashes.values())]
        # Where all is one group, it has to be torn.
        moved = group if len(group) < len(hashes) else [min(group, key=lambda i: images[i])]
        for i in moved:
            parts[i] = part

"""`poets augment`: a sheet of distorted pictures out of a folder."""

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

import numpy as np
from PIL import Image

from poets.config.augment import AugmentConfig
from poets.decode import UnreadableImageError, read_file
from poets.distort.distortion import Distortion
from poets.distort.sheet import loaders, sheet
from poets.errors import DataError
from poets.files import check_writable, replacing
from poets.images import LAYOUT_HINT, LabeledImage, find_images, keep_out_of_pictures
from poets.preprocess import Preprocess
from poets.report import Reporter


def draw_examples(config: AugmentConfig, reporter: Reporter) -> None:
    """Draw pictures of each label in turn, each as it is and distorted, and write the sheet.

    Raises DataError where no picture can be read, UsageError for a place among them, OutputError
    where the sheet cannot be written.
    """
    check_writable(config.output)
    keep_out_of_pictures([config.output], config.image_dir)
    order = _in_turn(find_images(config.image_dir), config.seed)
    side, channels = config.image_size, 1 if config.gray else 3
    preprocess = Preprocess(side, side, mean=0, std=1, channels=channels)
    contents = list(islice(_readable(order, preprocess, reporter), config.pictures))
    if not contents:
        message = f"{config.image_dir}: no readable picture."
        raise DataError(message, hint=LAYOUT_HINT)
    distortion = Distortion.of(config.distort)
    columns = loaders(distortion, preprocess, config.variants, config.seed)
    _save(sheet(contents, columns, preprocess), config)


def _in_turn(images: Sequence[LabeledImage], seed: int) -> Iterator[LabeledImage]:
    """Yield a picture of each label, then another of each; which ones, the seed decides."""
    rng = np.random.default_rng(seed)
    labels: dict[str, list[LabeledImage]] = {}
    for index in rng.permutation(len(images)):
        labels.setdefault(images[index].label, []).append(images[index])
    for round_ in zip_longest(*(labels[label] for label in sorted(labels))):
        yield from (image for image in round_ if image is not None)


def _readable(
    images: Iterator[LabeledImage], preprocess: Preprocess, reporter: Reporter
) -> Iterator[bytes]:
    for image in images:
        try:
            content = read_file(image.path)
            preprocess.decode(content)
        except UnreadableImageError as error:
            reporter.warning(f"{image.path}: {error}; it is not shown.")
        else:
            yield content


def _save(drawn: Image.Image, config: AugmentConfig) -> None:
    kind = Image.registered_extensions()[config.output.suffix.lower()]
    with replacing(config.output) as partial:
        drawn.save(partial, kind, quality=90)

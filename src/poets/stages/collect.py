"""From a folder to a data set of features, with a word on every picture that is not in it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from poets.backbones.compiled import Backbone
from poets.config.data import DataConfig
from poets.config.retrain import RetrainConfig
from poets.dataset import Dataset, Features, label_ids_of, make_dataset
from poets.errors import DataError
from poets.features.cache import FeatureCache
from poets.features.extract import Extraction, Job, extract_features
from poets.features.recipe import DistortedRecipe, Recipe
from poets.images import LAYOUT_HINT, MIN_ADVISED, LabeledImage, count_labels, find_images
from poets.report import Reporter


def look_for_images(data: DataConfig, reporter: Reporter) -> tuple[LabeledImage, ...]:
    """List the files of the folder; raise DataError where there is nothing to tell apart."""
    reporter.looking_for_images(data.image_dir)
    images = find_images(data.image_dir)
    counts = count_labels(images)
    reporter.images_found(counts)
    _require_two_labels(counts, data.image_dir)
    return images


def collect_dataset(
    images: Sequence[LabeledImage], backbone: Backbone, config: RetrainConfig, reporter: Reporter
) -> Dataset:
    """Return the features of all readable pictures, those to train on distorted where asked for.

    Raises DataError for too few pictures, and with --strict for an unreadable one.
    """
    plain = Recipe.plain(backbone)
    with FeatureCache(config.backbone.bottleneck_dir) as cache:
        jobs = [Job(image, plain) for image in images]
        extraction = extract_features(jobs, backbone, cache, reporter)
        check_extraction(extraction, images, config.data, reporter)
        dataset = make_dataset(extraction.images, extraction.values, config.data.split)
        distort = config.distort
        if not distort.distorts or distort.draws_anew:
            return dataset
        count, seed = distort.distortion_variants, config.train.seed
        jobs = [
            Job(image, recipe)
            for recipe in DistortedRecipe.variants(backbone, distort, seed, count)
            for image in dataset.training.images
        ]
        distorted = extract_features(jobs, backbone, cache, reporter)
    label_ids = label_ids_of(distorted.images, dataset.labels)
    return replace(dataset, training=Features(distorted.values, label_ids, distorted.images))


def check_extraction(
    extraction: Extraction,
    images: Sequence[LabeledImage],
    data: DataConfig,
    reporter: Reporter,
) -> None:
    """Raise DataError for too few pictures, and with --strict for an unreadable one."""
    if extraction.skipped and data.strict:
        listed = "\n".join(f"  {skipped}" for skipped in extraction.skipped)
        hint = "Mend or remove them, or leave --strict out to skip them."
        raise DataError(f"files that are no readable pictures:\n{listed}", hint=hint)
    counts = count_labels(extraction.images)
    for label in count_labels(images):
        if label not in counts:
            reporter.warning(f"{label}: no readable picture; it is not a label.")
        elif counts[label] < MIN_ADVISED:
            pictures = f"{counts[label]} picture{'s' * (counts[label] != 1)}"
            message = f"{pictures}; fewer than {MIN_ADVISED} may cause trouble."
            reporter.warning(f"{label}: {message}")
    if not counts:
        message = f"No valid folders of images found at {data.image_dir}"
        raise DataError(message, hint=LAYOUT_HINT)
    _require_two_labels(counts, data.image_dir)


def _require_two_labels(labels: Collection[str], image_dir: Path) -> None:
    if len(labels) < 2:
        message = f"Only one valid folder of images found at {image_dir}"
        hint = "Add a sub-folder with pictures of something else."
        raise DataError(f"{message} - multiple classes are needed for classification.", hint=hint)

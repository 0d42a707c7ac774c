"""Which pictures a graph was not trained on."""

from collections.abc import Callable, Mapping, Sequence

from poets.config.data import SplitConfig
from poets.config.flags import defaults_of
from poets.errors import DataError, ModelError
from poets.evaluation.config import ALL, EvaluateConfig
from poets.images import LabeledImage
from poets.manifest import Manifest
from poets.split import assign_split, split_images

ALL_HINT = "--split all takes every picture of a folder that the graph was not trained on."

Split = Callable[[Sequence[LabeledImage]], Sequence[str]]  # each picture's part


def make_split(manifest: Manifest | None, config: EvaluateConfig) -> Split:
    """Return the split that the graph was trained with, as far as it is known.

    Raises UsageError for percentages that leave nothing, ModelError for a broken manifest.
    """
    if config.split == ALL:
        return lambda images: [ALL] * len(images)
    percentages = _percentages(manifest.training if manifest else {}, config)
    if manifest is None:
        # The codelab's script hashes the whole path, spelled as it is given.
        return lambda images: [assign_split(str(image.path), percentages) for image in images]
    return lambda images: _split_as_trained(images, percentages)


def _split_as_trained(images: Sequence[LabeledImage], percentages: SplitConfig) -> Sequence[str]:
    try:
        return split_images(images, percentages)
    except DataError as error:  # too few for a training, but not to ask about
        raise DataError(str(error), hint=ALL_HINT) from error


def say_split(manifest: Manifest | None, config: EvaluateConfig) -> tuple[str, ...]:
    """Return a line on what is taken for granted of a graph that does not say its split."""
    if manifest is not None or config.split == ALL:
        return ()
    return ("Split by path, as the codelab's script does: name the folder as it was in training.",)


def _percentages(training: Mapping[str, object], config: EvaluateConfig) -> SplitConfig:
    """Return what the user says, else the graph, else what is usual."""
    known = dict(training) if isinstance(training, Mapping) else {}
    kept = defaults_of(SplitConfig) | {n: known[n] for n in defaults_of(SplitConfig) if n in known}
    told = {name: getattr(config, name) for name in kept}
    kept |= {name: value for name, value in told.items() if value is not None}
    if not all(isinstance(value, int) for value in kept.values()):
        raise ModelError(f"The graph's manifest is broken: {kept} are no percentages.")
    return SplitConfig(**kept)

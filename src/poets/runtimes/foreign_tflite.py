"""Opening a .tflite from elsewhere."""

from poets.config.label import LabelConfig
from poets.errors import ModelError
from poets.labels import parse_labels
from poets.manifest import read_zip_entry
from poets.parallel import first_then
from poets.registry import load
from poets.runtimes.assume import CODELAB, Scale, make_preprocess, say_assumed
from poets.runtimes.labels import find_labels
from poets.runtimes.litert import LiteRTRunner
from poets.runtimes.model import LITERT_INNER, Model
from poets.runtimes.tflite_metadata import read_normalization


def open_foreign_tflite(config: LabelConfig) -> Model:
    """Open a .tflite without a manifest; raises ModelError where it does not tell enough."""
    runner = LiteRTRunner(config.graph)
    _check_size(runner.input_shape[:2], config)
    labels, guessed = find_labels(config, _labels_inside(config), runner.n_outputs)
    scale = _told_scale(runner, config)
    preprocess = make_preprocess(runner.input_shape, scale or CODELAB, config)
    if scale is None:
        guessed = {"input_mean": preprocess.mean, "input_std": preprocess.std} | guessed
    return Model(
        labels,
        preprocess,
        first_then(runner, lambda: LiteRTRunner(config.graph)),
        assumed=say_assumed(config, guessed),
        make_inner=lambda: load(LITERT_INNER)(config.graph),
    )


def _told_scale(runner: LiteRTRunner, config: LabelConfig) -> Scale | None:
    """Return what the file tells: bytes take the pixels as they are, the rest is metadata."""
    if runner.pixel_scale is not None:
        return Scale(*runner.pixel_scale)
    return read_normalization(config.graph)


def _labels_inside(config: LabelConfig) -> tuple[str, ...]:
    """Return the labels in the zip behind the file, where phones look for them."""
    content = read_zip_entry(config.graph, _is_labels_file)
    return () if content is None else parse_labels(content, config.graph)


def _is_labels_file(name: str) -> bool:
    return name.lower().endswith(".txt") and "label" in name.lower()


def _check_size(size: tuple[int, int], config: LabelConfig) -> None:
    told = (config.input_height or size[0], config.input_width or size[1])
    if told != size:
        message = f"{config.graph} takes pictures of {size[1]} x {size[0]} pixels, and no others."
        raise ModelError(message, hint="Leave --input_height and --input_width out.")

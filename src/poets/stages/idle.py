"""Flags that change nothing of this very training: whoever set them expects something of them."""

from collections.abc import Iterator

from poets.backbones.cnn_table import find_cnn
from poets.config.flags import changed_flags
from poets.config.head import LBFGS, HeadConfig
from poets.config.retrain import RetrainConfig
from poets.report import Reporter

_HEAD_ALONE = "the head alone is trained, in steps; --fine_tune_blocks and cnn_N have epochs"
_WHOLE = "cnn_N begins with nothing, and has a rate of its own"
_WITHOUT_RATE = "lbfgs takes all pictures in each step, as far as it leads; --optimizer sgd has it"
_NO_VARIANTS = "no distortion is asked for"


def tell_idle_flags(config: RetrainConfig, head: HeadConfig, reporter: Reporter) -> None:
    """Warn of each such flag; `head` are the settings that the head is really trained with."""
    for flag, reason in _idle(config, head):
        reporter.warning(f"--{flag} changes nothing here: {reason}.")


def _idle(config: RetrainConfig, head: HeadConfig) -> Iterator[tuple[str, str]]:
    changed = changed_flags(config)
    from_scratch = config.backbone.tfhub_module is None and find_cnn(config.backbone.architecture)
    if not config.fine_tune.tunes:
        if "epochs" in changed and not from_scratch:
            yield "epochs", _HEAD_ALONE
        if "fine_tune_learning_rate" in changed:
            yield "fine_tune_learning_rate", _WHOLE if from_scratch else _HEAD_ALONE
    if head.optimizer == LBFGS:
        for name in sorted({"learning_rate", "train_batch_size"} & changed.keys()):
            yield name, _WITHOUT_RATE
    if "distortion_variants" in changed and not config.distort.distorts:
        yield "distortion_variants", _NO_VARIANTS

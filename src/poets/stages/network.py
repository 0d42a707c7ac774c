"""The backbone that was asked for, or a word on which ones can be had."""

from collections.abc import Iterator

from poets.backbones.cnn_table import find_cnn
from poets.backbones.compiled import Backbone, is_ready, open_backbone
from poets.backbones.pixels_table import find_pixels
from poets.backbones.spec import BackboneSpec
from poets.backbones.table import BACKBONES, find_backbone
from poets.config.backbone import BackboneConfig
from poets.errors import ModelError, UnavailableError
from poets.registry import load
from poets.report import Reporter

_OPEN_MODULE = "poets.backbones.hub:open_module"  # only where one is asked for


def get_backbone(config: BackboneConfig, reporter: Reporter) -> Backbone:
    """Open the backbone; where it cannot be had, say which ones can.

    Raises UsageError for an unknown name, ModelError for weights that are missing or broken.
    """
    try:
        spec = _find(config, reporter)
        backbone = open_backbone(spec, config.model_dir, reporter)
    except UnavailableError as error:
        ready = [row.name for row in _pretrained() if is_ready(row, config.model_dir)]
        works = f"Works now, without a network: {', '.join(ready) or 'cnn_28, pixels_28'}."
        raise ModelError(str(error), hint=f"{works}\n{error.hint}") from error
    reporter.backbone(str(backbone), spec.source.describe())
    return backbone


def _pretrained() -> Iterator[BackboneSpec]:
    """Yield what can stand in for a network that has seen many pictures."""
    for name, row in BACKBONES.items():
        if find_cnn(name) is None and find_pixels(name) is None:
            yield row


def _find(config: BackboneConfig, reporter: Reporter) -> BackboneSpec:
    if config.tfhub_module is None:
        return find_backbone(config.architecture, config.image_size)
    arguments = (config.tfhub_module, config.image_size, config.model_dir, reporter)
    spec: BackboneSpec = load(_OPEN_MODULE)(*arguments)
    return spec

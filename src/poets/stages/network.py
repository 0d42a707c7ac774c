"""The backbone that was asked for, or a word on which ones can be had."""

from poets.backbones.compiled import Backbone, open_backbone
from poets.backbones.table import BACKBONES, find_backbone
from poets.config import BackboneConfig
from poets.errors import ModelError, UnavailableError
from poets.report import Reporter


def get_backbone(config: BackboneConfig, reporter: Reporter) -> Backbone:
    """Open the backbone; where it cannot be had, say which ones can.

    Raises UsageError for an unknown name, ModelError for weights that are missing or broken.
    """
    spec = find_backbone(config.architecture, config.image_size)
    try:
        backbone = open_backbone(spec, config.model_dir, reporter)
    except UnavailableError as error:
        here = [name for name, other in BACKBONES.items() if other.source.digest(config.model_dir)]
        hint = f"Works now, without a network: {', '.join(here)}. {error.hint}"
        raise ModelError(str(error), hint=hint) from error
    reporter.backbone(str(backbone), spec.source.describe())
    return backbone

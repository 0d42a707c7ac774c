"""All that `retrain` is told."""

from dataclasses import dataclass, field

from poets.config.backbone import BackboneConfig
from poets.config.data import DataConfig
from poets.config.distort import DistortConfig
from poets.config.output import OutputConfig
from poets.config.report import ReportConfig
from poets.config.train import TrainConfig


@dataclass(frozen=True, kw_only=True)
class RetrainConfig:
    """All that `retrain` is told."""

    data: DataConfig
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    distort: DistortConfig = field(default_factory=DistortConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    report: ReportConfig = field(default_factory=ReportConfig)

"""All that `retrain` is told."""

from dataclasses import dataclass, field

from poets.config.backbone import BackboneConfig
from poets.config.data import DataConfig
from poets.config.distort import DistortConfig
from poets.config.fine_tune import FineTuneConfig
from poets.config.head import LBFGS, HeadConfig
from poets.config.output import OutputConfig
from poets.config.page import PageConfig
from poets.config.report import ReportConfig
from poets.config.train import TrainConfig
from poets.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class RetrainConfig:
    """All that `retrain` is told."""

    data: DataConfig
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    distort: DistortConfig = field(default_factory=DistortConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    head: HeadConfig = field(default_factory=HeadConfig)
    fine_tune: FineTuneConfig = field(default_factory=FineTuneConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    page: PageConfig = field(default_factory=PageConfig)
    report: ReportConfig = field(default_factory=ReportConfig)

    def __post_init__(self) -> None:
        """Check what no stage can check alone."""
        if self.head.optimizer == LBFGS and self.distort.draws_anew:
            raise UsageError(
                "--optimizer lbfgs takes all pictures in each step, "
                "and --distortion_variants 0 has no end of them.",
                hint="Choose --optimizer sgd or adam, or --distortion_variants 8.",
            )

"""`retrain`: a folder of pictures in, a graph that labels pictures out."""

from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from poets.cli.app import CONTEXT, run
from poets.cli.options import FlagCommand, build, flag_options
from poets.config.backbone import TWO_NETWORKS, BackboneConfig
from poets.config.data import DataConfig, SplitConfig
from poets.config.distort import DistortConfig
from poets.config.fine_tune import FineTuneConfig
from poets.config.head import HeadConfig
from poets.config.output import OutputConfig
from poets.config.page import PageConfig
from poets.config.report import ReportConfig
from poets.config.retrain import RetrainConfig
from poets.config.train import TrainConfig
from poets.errors import UsageError

if TYPE_CHECKING:
    from poets.pipeline import RetrainResult

_GROUPS = {
    "Pictures": (DataConfig, SplitConfig),
    "Network": (BackboneConfig,),
    "Distortions of training pictures": (DistortConfig,),
    "Training": (TrainConfig,),
    "Head": (HeadConfig,),
    "Training of the network itself": (FineTuneConfig,),
    "Output": (OutputConfig, PageConfig, ReportConfig),
}


@click.command("retrain", cls=FlagCommand, context_settings=CONTEXT)
@flag_options(_GROUPS)
def command(**values: Any) -> None:  # noqa: ANN401 - click passes each flag by its name
    """Teach a network the labels of a folder of pictures: one sub-folder a label."""
    from poets.cli.console import console_reporter
    from poets.pipeline import retrain

    _check_one_network(values)
    settings = make_config(values)
    reporter = console_reporter(settings.report.logging_verbosity)
    result = retrain(settings, reporter)
    evaluation = result.evaluation
    if evaluation.n:
        reporter.final_accuracy(evaluation.accuracy, evaluation.n)
    if settings.report.print_misclassified_test_images:
        named = zip(result.testing, evaluation.predicted, strict=True)
        reporter.misclassified(
            [
                (image.path, evaluation.labels[predicted])
                for image, predicted in named
                if image.label != evaluation.labels[predicted]
            ]
        )
    _print_result(result, settings)


def _check_one_network(values: dict[str, Any]) -> None:
    """Raise UsageError for an --architecture that was typed, though it is the default."""
    told = click.get_current_context().get_parameter_source("architecture")
    if values["tfhub_module"] is not None and told is ParameterSource.COMMANDLINE:
        raise UsageError(TWO_NETWORKS)


def make_config(values: dict[str, Any]) -> RetrainConfig:
    """Sort a command's values into the configuration's stages; raises UsageError."""
    return RetrainConfig(
        data=build(DataConfig, values, split=build(SplitConfig, values)),
        backbone=build(BackboneConfig, values),
        distort=build(DistortConfig, values),
        train=build(TrainConfig, values),
        head=build(HeadConfig, values),
        fine_tune=build(FineTuneConfig, values),
        output=build(OutputConfig, values),
        page=build(PageConfig, values),
        report=build(ReportConfig, values),
    )


def _print_result(result: "RetrainResult", settings: RetrainConfig) -> None:
    from poets.cli import tables
    from poets.cli.exports import describe_files

    click.echo(tables.accuracy_line(result.evaluation))
    click.echo()
    if result.evaluation.n:
        tables.print_confusion(result.evaluation)
        click.echo()
    published = result.published
    tables.print_files(describe_files(published.files, published.proofs))
    click.echo()
    tables.print_next(settings)


def main() -> NoReturn:
    """Run as a console command."""
    run(command)

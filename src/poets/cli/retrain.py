"""`retrain`: a folder of pictures in, a graph that labels pictures out."""

from typing import TYPE_CHECKING, Any, NoReturn

import click

from poets import config
from poets.cli.app import CONTEXT, run
from poets.cli.options import FlagCommand, build, flag_options

if TYPE_CHECKING:
    from poets.pipeline import RetrainResult

_GROUPS = {
    "Pictures": (config.DataConfig, config.SplitConfig),
    "Network": (config.BackboneConfig,),
    "Distortions of training pictures": (config.DistortConfig,),
    "Training": (config.TrainConfig,),
    "Output": (config.OutputConfig, config.ReportConfig),
}


@click.command("retrain", cls=FlagCommand, context_settings=CONTEXT)
@flag_options(_GROUPS)
def command(**values: Any) -> None:  # noqa: ANN401 - click passes each flag by its name
    """Teach a network the labels of a folder of pictures: one sub-folder a label."""
    from poets.cli.console import console_reporter
    from poets.pipeline import retrain

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


def make_config(values: dict[str, Any]) -> config.RetrainConfig:
    """Sort a command's values into the configuration's stages; raises UsageError."""
    return config.RetrainConfig(
        data=build(config.DataConfig, values, split=build(config.SplitConfig, values)),
        backbone=build(config.BackboneConfig, values),
        distort=build(config.DistortConfig, values),
        train=build(config.TrainConfig, values),
        output=build(config.OutputConfig, values),
        report=build(config.ReportConfig, values),
    )


def _print_result(result: "RetrainResult", settings: config.RetrainConfig) -> None:
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

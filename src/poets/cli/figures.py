"""An evaluation as a person reads it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple

import click
import numpy as np

from poets.cli.shown import shown
from poets.cli.tables import print_confusion, print_table
from poets.evaluation.calibration import Calibration
from poets.evaluation.folder import FolderEvaluation
from poets.evaluation.scores import Evaluation
from poets.report import SkippedImage

_MOST_LABELS = 20  # lines of a table that a person still reads
_MOST_SKIPPED = 20
_TOP = 5


def print_evaluation(result: FolderEvaluation, part: str) -> None:
    """Print the codelab's two lines, then the rest."""
    evaluation = result.evaluation
    click.echo(f"Accuracy: {evaluation.accuracy:.3g}")
    click.echo(f"Cross Entropy: {evaluation.cross_entropy:.3g}")
    click.echo()
    print_table(_summary(result, part))
    click.echo()
    _print_figures(evaluation)
    click.echo()
    print_confusion(evaluation)


def print_skipped(skipped: Sequence[SkippedImage]) -> None:
    """List on standard error what could not be read."""
    for image in skipped[:_MOST_SKIPPED]:
        click.echo(shown(f"Skipped    {image}"), err=True)
    if len(skipped) > _MOST_SKIPPED:
        click.echo(f"Skipped    and {len(skipped) - _MOST_SKIPPED:,} more", err=True)


def _summary(result: FolderEvaluation, part: str) -> Iterable[tuple[str, str]]:
    evaluation = result.evaluation
    low, high = evaluation.interval
    skipped = f", {len(result.skipped):,} could not be read" if result.skipped else ""
    yield "Pictures", f"{evaluation.n:,} ({part}){skipped}"
    interval = f"95 % interval {_percent(low)} to {_percent(high)} %"
    yield "Accuracy", f"{_percent(evaluation.accuracy)} %, {interval}"
    few = ", as there are no more labels" if len(evaluation.labels) <= _TOP else ""
    yield "Top-5 accuracy", f"{_percent(evaluation.top_k_accuracy(_TOP))} %{few}"
    yield "Calibration error", f"{_percent(result.calibration.error)} %{_after(result.calibration)}"


def _after(calibration: Calibration) -> str:
    """Say what a temperature would make of the error."""
    fitted = f"fitted on {calibration.fitted_on:,} validation pictures"
    if calibration.temperature is not None and calibration.error_after is not None:
        after = f"{_percent(calibration.error_after)} %"
        return f", {after} at temperature {calibration.temperature:.2f} ({fitted})"
    return f" (no temperature can be {fitted})" if calibration.fitted_on else ""


def _print_figures(evaluation: Evaluation) -> None:
    """Print precision, recall and F1 a label; of many labels, those that are known least."""
    figures = evaluation.figures
    order = np.arange(len(evaluation.labels))
    if len(order) > _MOST_LABELS:
        least = np.where(figures.support > 0, figures.f1, np.inf)
        order = np.argsort(least, kind="stable")[:_MOST_LABELS]
    rows = [("", "precision", "recall", "F1", "pictures")]
    for i in order:
        shares = (figures.precision[i], figures.recall[i], figures.f1[i])
        rows.append(_row(evaluation.labels[i], shares, figures.support[i]))
    rows.append(_row("macro mean", astuple(figures.macro), evaluation.n))
    rows.append(_row("weighted mean", astuple(figures.weighted), evaluation.n))
    print_table(rows, right=range(1, 5))
    if len(order) < len(evaluation.labels):
        click.echo(f"The {len(order)} lowest of {len(evaluation.labels):,} labels; --csv has all.")


def _row(name: str, shares: Sequence[float], n: int) -> tuple[str, str, str, str, str]:
    precision, recall, f1 = map(_percent, shares)
    return name, precision, recall, f1, f"{n:,}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}"

"""What a person reads while a network itself is trained."""

import pytest

from poets.cli.console import LineReporter
from poets.report import EpochReport

REPORT = EpochReport(
    epoch=3,
    epochs=20,
    train_accuracy=0.9876,
    cross_entropy=0.1,
    validation_accuracy=0.909,
    validation_cross_entropy=0.4974,
    seconds=2.4,
)


def test_an_epoch_is_a_line_with_what_counts(capsys: pytest.CaptureFixture[str]) -> None:
    LineReporter().epoch(REPORT)

    said = capsys.readouterr().err
    assert said.strip() == (
        "Epoch 3/20: train accuracy 98.8%, validation accuracy 90.9%, cross entropy 0.4974 (2 s)"
    )


def test_it_says_which_network_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    LineReporter().fine_tuned(0.886, 0.909, kept=True)
    better = capsys.readouterr().err
    LineReporter().fine_tuned(0.886, 0.886, kept=False)
    worse = capsys.readouterr().err

    assert "88.6% -> 90.9%: the tuned network is used" in better
    assert "the network stays as it was" in worse
    assert "88.6% -> 88.6%" in worse


def test_warnings_alone_leave_it_out(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = LineReporter("WARN")
    reporter.training_network("cnn_28", 100)
    reporter.epoch(REPORT)
    reporter.fine_tuned(0.1, 0.2, kept=True)

    assert capsys.readouterr().err == ""

"""What a person sees while `retrain` works."""

import io
import re
import sys
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from poets.cli.console import LineReporter, TerminalReporter, console_reporter
from poets.report import SkippedImage, StepReport

STAMP = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: "
STEP = StepReport(490, 0.96, 0.130251, 0.88, 100)


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    captured = capsys.readouterr()
    assert captured.out == ""  # results alone stand there
    return captured.err.splitlines()


def test_a_step_is_told_as_the_codelab_does(capsys: pytest.CaptureFixture[str]) -> None:
    LineReporter().step(STEP)

    lines = said(capsys)
    assert [re.sub(STAMP, "", line) for line in lines] == [
        "Step 490: Train accuracy = 96.0%",
        "Step 490: Cross entropy = 0.130251",
        "Step 490: Validation accuracy = 88.0% (N=100)",
    ]
    assert all(re.match(STAMP, line) for line in lines)


def test_without_validation_nothing_is_said_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    LineReporter().step(StepReport(0, 0.5, 1.0, None, 0))

    assert not any("Validation" in line for line in said(capsys))


def test_the_end_and_the_bottlenecks_are_told_as_the_codelab_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    LineReporter().bottlenecks_created(100)
    LineReporter().final_accuracy(0.914, 362)

    assert [re.sub(STAMP, "", line) for line in said(capsys)] == [
        "100 bottleneck files created.",
        "Final test accuracy = 91.4% (N=362)",
    ]


def test_pictures_are_looked_for_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    LineReporter().looking_for_images(Path("flower photos"))
    LineReporter().images_found({"daisy": 633, "roses": 641})

    assert said(capsys) == [
        "Looking for images in 'flower photos'",
        " " * 11 + "daisy 633  roses 641",
    ]


def test_skipped_files_are_listed_and_many_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = [SkippedImage(Path(f"{n}.jpg"), "not a picture") for n in range(25)]

    LineReporter().features(90, 10, skipped)

    lines = said(capsys)
    assert lines[0] == "Features   90 from the cache, 10 new, 25 skipped"
    assert lines[1] == "Skipped    0.jpg: not a picture"
    assert lines[-1] == "Skipped    and 5 more"
    assert len(lines) == 22


def test_names_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    LineReporter().features(0, 0, [SkippedImage(Path("\x1b[2J\n.jpg"), "cut\r")])

    assert said(capsys)[1] == "Skipped    \\x1b[2J\\n.jpg: cut\\r"


@pytest.mark.parametrize(
    ("verbosity", "heard"),
    [
        ("DEBUG", {"info", "warning"}),
        ("INFO", {"info", "warning"}),
        ("WARN", {"warning"}),
        ("ERROR", set()),
        ("FATAL", set()),
    ],
)
def test_less_is_said_where_less_is_asked_for(
    verbosity: str, heard: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    LineReporter(verbosity).looking_for_images(Path("info"))
    LineReporter(verbosity).warning("warning")

    text = "\n".join(said(capsys))
    assert {word for word in ("info", "warning") if word in text} == heard


def test_a_warning_has_the_word_that_people_look_for(capsys: pytest.CaptureFixture[str]) -> None:
    LineReporter().warning("daisy: 5 pictures")

    assert said(capsys) == ["WARNING: daisy: 5 pictures"]


def test_a_terminal_shows_the_codelab_s_lines_only_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    TerminalReporter("INFO").step(STEP)
    assert said(capsys) == []

    TerminalReporter("DEBUG").step(STEP)
    assert len(said(capsys)) == 3


def test_a_bar_shows_what_is_done_and_how_well(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = TerminalReporter()

    with reporter.progress("Training", 4000, "steps") as advance:
        reporter.step(STEP)
        advance(4000)
    with reporter.progress("Features", 500, "images") as advance:
        for _ in range(500):
            advance(1)
    with reporter.progress("[red]odd.tgz", 2_000_000, "B") as advance:
        advance(1_000_000)

    text = capsys.readouterr().err
    assert "4000/4000 train 96.0 %  validation 88.0 %" in text
    assert "500/500" in text
    assert "images/s" in text
    assert "[red]odd.tgz" in text
    assert "1.0/2.0 MB" in text


@pytest.mark.parametrize("verbosity", ["WARN", "FATAL"])
def test_no_bar_where_nothing_is_to_be_said(
    verbosity: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reporter = TerminalReporter(verbosity)

    with reporter.progress("Training", 10, "steps") as advance:
        reporter.step(STEP)
        advance(10)

    assert said(capsys) == []


def test_a_misclassified_picture_is_listed_as_the_codelab_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    LineReporter().misclassified([(Path("flowers/daisy/1.jpg"), "roses")])

    assert said(capsys) == [
        "=== MISCLASSIFIED TEST IMAGES ===",
        f"{'flowers/daisy/1.jpg':>70}  roses",
    ]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "kind"), [(Terminal(), TerminalReporter), (io.StringIO(), LineReporter)]
)
def test_bars_are_for_terminals(stream: io.StringIO, kind: type[LineReporter]) -> None:
    with redirect_stderr(stream):
        assert type(console_reporter("INFO")) is kind


def test_a_closed_standard_error_is_no_terminal() -> None:
    with redirect_stderr(None):
        assert sys.stderr is None
        assert type(console_reporter("INFO")) is LineReporter

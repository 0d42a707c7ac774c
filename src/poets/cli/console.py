"""What a person sees while `retrain` works: bars on a terminal, the codelab's lines elsewhere."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from poets.cli.shown import COLUMN, shown
from poets.config.report import VERBOSITIES
from poets.report import Advance, EpochReport, Reporter, SkippedImage, StepReport

_NO_GAIN = "it names the validation pictures no better: the network stays as it was"
_LISTED = 20  # unreadable files that are listed one by one


class LineReporter(Reporter):
    """Plain lines on standard error, those of the codelab as they stood there."""

    def __init__(self, verbosity: str = "INFO") -> None:
        self._level = VERBOSITIES.index(verbosity.upper())

    def looking_for_images(self, image_dir: Path) -> None:
        """Name the folder."""
        self._info(f"Looking for images in '{image_dir}'")

    def images_found(self, counts: Mapping[str, int]) -> None:
        """List the labels with their numbers."""
        self._info("  ".join(f"{label} {count}" for label, count in counts.items()), "")

    def warning(self, message: str) -> None:
        """Say it with the word that people look for."""
        self._line("WARN", f"WARNING: {message}")

    def backbone(self, name: str, source: str) -> None:
        """Name the network and where its weights come from."""
        self._info(f"{name} ({source})", "Backbone")

    def making_backbone(self, name: str) -> None:
        """Say why nothing happens for a while."""
        self._info(f"making {name} ready with TensorFlow, once, some seconds ...", "Backbone")

    def backbone_made(self, folder: Path, seconds: float) -> None:
        """Say what it took and where it is."""
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        self._info(f"made in {seconds:.0f} s, {size:.0f} MB kept in {folder}", "")

    def features(self, cached: int, new: int, skipped: Sequence[SkippedImage]) -> None:
        """Count where the features came from and list what could not be read."""
        counts = f"{cached} from the cache, {new} new, {len(skipped)} skipped"
        self._info(counts, "Features")
        for image in skipped[:_LISTED]:
            self._line("WARN", f"{'Skipped':{COLUMN}}{image}")
        if len(skipped) > _LISTED:
            more = len(skipped) - _LISTED
            self._line("WARN", f"{'Skipped':{COLUMN}}and {more} more")

    def bottlenecks_created(self, count: int) -> None:
        """Say it as the codelab does."""
        self._stamped(f"{count} bottleneck files created.")

    def step(self, report: StepReport) -> None:
        """Say it as the codelab does."""
        at = f"Step {report.step}:"
        self._stamped(f"{at} Train accuracy = {report.train_accuracy * 100:.1f}%")
        self._stamped(f"{at} Cross entropy = {report.cross_entropy:f}")
        if report.validation_accuracy is not None:
            share = f"{report.validation_accuracy * 100:.1f}% (N={report.n_validation})"
            self._stamped(f"{at} Validation accuracy = {share}")

    def resumed(self, step: int) -> None:
        """Say where the training goes on."""
        self._info(f"goes on from its checkpoint at step {step}", "Training")

    def l2_picked(self, l2: float) -> None:
        """Say what was found, as the flag that repeats it."""
        self._info(f"validation suits --l2 {l2:.2g}", "Training")

    def converged(self, steps: int) -> None:
        """Say why there were no more steps."""
        self._info(f"converged after {steps} steps", "Training")

    def training_network(self, name: str, n_pictures: int) -> None:
        """Say what begins, and that it takes a while."""
        self._info(f"{name} on {n_pictures} pictures with TensorFlow, once ...", "Training")

    def network_resumed(self, epochs: int) -> None:
        """Say where the training goes on."""
        self._info(f"goes on after epoch {epochs}, where it was stopped", "")

    def epoch(self, report: EpochReport) -> None:
        """Say what the epoch came to."""
        seen = f"train accuracy {report.train_accuracy * 100:.1f}%"
        kept = f"validation accuracy {report.validation_accuracy * 100:.1f}%"
        entropy = f"cross entropy {report.validation_cross_entropy:.4f}"
        at = f"Epoch {report.epoch}/{report.epochs}:"
        self._info(f"{at} {seen}, {kept}, {entropy} ({report.seconds:.0f} s)", "")

    def fine_tuned(self, frozen: float, tuned: float, *, kept: bool) -> None:
        """Say which network is used, and why."""
        change = f"validation accuracy {frozen * 100:.1f}% -> {tuned * 100:.1f}%"
        text = f"{change}: the tuned network is used" if kept else f"{_NO_GAIN} ({change})"
        self._info(text, "Fine-tuned")

    def exporting(self, name: str) -> None:
        """Say why nothing happens for a while."""
        self._info(f"{name} ...", "Exporting")

    def intermediate_saved(self, path: Path) -> None:
        """Say it as the codelab does."""
        self._info(f"Save intermediate result to : {path}")

    def misclassified(self, images: Sequence[tuple[Path, str]]) -> None:
        """List pictures with the label that they were given, as the codelab does."""
        self._info("=== MISCLASSIFIED TEST IMAGES ===")
        for path, label in images:
            self._info(f"{path!s:>70}  {label}")

    def final_accuracy(self, accuracy: float, n: int) -> None:
        """Say it as the codelab does."""
        self._stamped(f"Final test accuracy = {accuracy * 100:.1f}% (N={n})")

    def _stamped(self, text: str) -> None:
        self._line("INFO", f"{datetime.now()}: {text}")

    def _info(self, text: str, name: str | None = None) -> None:
        self._line("INFO", text if name is None else f"{name:{COLUMN}}{text}")

    def _line(self, level: str, text: str) -> None:
        if VERBOSITIES.index(level) >= self._level:
            self._echo(shown(text))

    def _echo(self, text: str) -> None:
        click.echo(text, err=True)


class TerminalReporter(LineReporter):
    """The same with progress bars; the codelab's lines are for --logging_verbosity DEBUG."""

    _show: Callable[[str], None] = staticmethod(lambda _: None)  # puts a text behind the bar
    _above: Callable[[str], None] | None = None  # puts a line above the bar, while there is one

    @contextmanager
    def progress(self, name: str, total: int, unit: str) -> Iterator[Advance]:
        """Draw a bar with the rate and the time left."""
        from poets.cli.bar import make_bar

        if self._level > VERBOSITIES.index("INFO"):
            yield lambda _: None
            return
        with make_bar(unit) as bar:
            task = bar.add_task(f"{name:{COLUMN - 1}}", total=total, status="")
            self._show = lambda status: bar.update(task, status=status)
            self._above = lambda text: bar.console.print(text, markup=False, soft_wrap=True)
            try:
                yield lambda n: bar.advance(task, n)
            finally:
                self._above = None

    def step(self, report: StepReport) -> None:
        """Show the accuracies behind the bar."""
        super().step(report)
        status = f"train {report.train_accuracy * 100:.1f} %"
        if report.validation_accuracy is not None:
            status += f"  validation {report.validation_accuracy * 100:.1f} %"
        self._show(status)

    def _stamped(self, text: str) -> None:
        if self._level == VERBOSITIES.index("DEBUG"):
            super()._stamped(text)

    def _echo(self, text: str) -> None:
        (self._above or super()._echo)(text)


def console_reporter(verbosity: str) -> LineReporter:
    """Return the reporter for what standard error is."""
    on_terminal = sys.stderr is not None and sys.stderr.isatty()  # None: it is closed
    return TerminalReporter(verbosity) if on_terminal else LineReporter(verbosity)

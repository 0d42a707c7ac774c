"""Small tables on standard output."""

import io
import math
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from poets.cli.shown import COLUMN, shown
from poets.config.output import OutputConfig
from poets.config.retrain import RetrainConfig
from poets.dataset import IntArray
from poets.evaluation.scores import Evaluation

_UNLIMITED = 10_000
_WIDEST = 12  # labels that a confusion matrix on a terminal still shows
_MISTAKES = 10


def print_table(rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print aligned columns, those in `right` to the right, without lines."""
    rows = list(rows)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for index in range(len(rows[0])):
        table.add_column(justify="right" if index in right else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    text = io.StringIO()
    # As wide as it needs: what is cut off a file or a pipe is lost.
    Console(file=text, width=_UNLIMITED).print(table)
    for line in text.getvalue().splitlines():
        click.echo(line.rstrip())


def accuracy_line(evaluation: Evaluation) -> str:
    """Say the accuracy with its number of pictures and interval."""
    if not evaluation.n:
        return "Test accuracy unknown: no pictures were kept for testing"
    low, high = (f"{100 * end:.1f}" for end in evaluation.interval)
    share = f"{100 * evaluation.accuracy:.1f} %"
    return f"Test accuracy {share} (N={evaluation.n}), 95 % interval {low} to {high} %"


def print_confusion(evaluation: Evaluation) -> None:
    """Print true labels down, predicted ones across; for many labels, the worst mistakes."""
    if len(evaluation.labels) > _WIDEST:
        _print_mistakes(evaluation)
        return
    rows = [["", *evaluation.labels, "recall"]]
    for label, counts, recall in zip(
        evaluation.labels, evaluation.confusion, evaluation.recall, strict=True
    ):
        cells = [str(count) if count else "." for count in counts]
        rows.append([label, *cells, "-" if math.isnan(recall) else f"{100 * recall:.1f}"])
    print_table(rows, right=range(1, len(rows[0])))


def print_files(files: Iterable[tuple[Path, str]]) -> None:
    """Print what was written, with its size and what it is."""
    rows = [
        ("Saved" if index == 0 else "", str(path), decimal(_size(path)), what)
        for index, (path, what) in enumerate(files)
    ]
    print_table([(f"{first:{COLUMN - 2}}", *rest) for first, *rest in rows], right=(2,))


def _size(path: Path) -> int:
    """Return the bytes of a file, or of all that is in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _print_mistakes(evaluation: Evaluation) -> None:
    confusion = evaluation.confusion
    pairs = [
        (int(count), evaluation.labels[true], evaluation.labels[predicted])
        for (true, predicted), count in _off_diagonal(confusion)
    ]
    worst = sorted(pairs, reverse=True)[:_MISTAKES]
    if worst:
        print_table([(str(n), true, "taken for", taken) for n, true, taken in worst], right=(0,))


def _off_diagonal(confusion: IntArray) -> Iterable[tuple[tuple[int, int], int]]:
    for true, row in enumerate(confusion):
        for predicted, count in enumerate(row):
            if count and true != predicted:
                yield (true, predicted), count


def _look(config: RetrainConfig) -> Iterable[tuple[str, str, str]]:
    """Yield how to open the page of results, where there is one."""
    page = config.page.place(config.output.output_graph)
    if page is not None:
        opener = "open" if sys.platform == "darwin" else "xdg-open"
        yield "", f"{opener} {shlex.quote(str(page))}", "look at its mistakes"


def print_next(config: RetrainConfig) -> None:
    """Print what to type next, with the flags that this run makes necessary."""
    output = OutputConfig()
    graph, summaries = "", "sh tensorboard.sh"
    if config.output.output_graph != output.output_graph:
        graph = f" --graph {shlex.quote(str(config.output.output_graph))}"
    if config.output.summaries_dir != output.summaries_dir:
        summaries = f"poets tensorboard --logdir {shlex.quote(str(config.output.summaries_dir))}"
    rows = [
        ("Next", f"label-image{graph} PHOTO ...", "label your own pictures"),
        ("", "retrain --image_dir FOLDER", "teach it your own labels"),
        *_look(config),
        ("", summaries, "see the training in a browser"),
    ]
    print_table([(f"{first:{COLUMN - 2}}", *rest) for first, *rest in rows])

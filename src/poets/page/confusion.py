"""The confusion matrix, and behind its cells their pictures."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup

from poets.dataset import IntArray
from poets.evaluation.scores import Evaluation
from poets.page.data import Cell, ReportData
from poets.page.markup import fill, join, name, percent, plain, plural
from poets.page.shots import grid

MOST_LABELS = 100  # rows and columns that a browser draws at once
_SHADES = 9
_HEAD = '<th scope="col" title="{}"><span>{}</span></th>'
_ROOMY = 12  # labels up to which cells are wide


def confusion_section(data: ReportData) -> Markup:
    """Return the section, empty where nothing was tested."""
    evaluation = data.evaluation
    if not evaluation.n:
        return Markup()
    chosen = choose_labels(evaluation.confusion)
    cells = {(cell.true, cell.predicted): cell for cell in data.cells}
    return fill(
        "<p>True labels down, predicted ones across. A cell opens its pictures.{}</p>\n"
        '<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">\n'
        "{}\n</div>\n"
        '<p class="hidden" role="status" id="cell-said"></p>\n'
        '<div id="cells">\n{}\n</div>{}',
        _left_out_labels(len(chosen), len(evaluation.labels)),
        _table(evaluation, chosen, cells),
        join(_group(cell, evaluation.labels) for cell in data.cells),
        _left_out(data),
    )


def choose_labels(confusion: IntArray) -> Sequence[int]:
    """Return the labels that are shown, those with the most mistakes where there are too many."""
    if len(confusion) <= MOST_LABELS:
        return range(len(confusion))
    right = confusion.diagonal()
    mistakes = confusion.sum(axis=0) + confusion.sum(axis=1) - 2 * right
    return sorted(np.argsort(-mistakes, kind="stable")[:MOST_LABELS].tolist())


def _table(
    evaluation: Evaluation, chosen: Sequence[int], cells: Mapping[tuple[int, int], Cell]
) -> Markup:
    labels = evaluation.labels
    heads = join((fill(_HEAD, plain(labels[i]), name(labels[i])) for i in chosen), "")
    rows = join(_row(evaluation, true, chosen, cells) for true in chosen)
    return fill(
        '<table class="matrix {}">\n<thead><tr><td></td>{}<th scope="col" class="recall">'
        "<span>recall</span></th></tr></thead>\n<tbody>\n{}\n</tbody>\n</table>",
        "roomy" if len(chosen) <= _ROOMY else "dense",
        heads,
        rows,
    )


def _row(
    evaluation: Evaluation,
    true: int,
    chosen: Sequence[int],
    cells: Mapping[tuple[int, int], Cell],
) -> Markup:
    counts = evaluation.confusion[true]
    drawn = (_cell(evaluation, (true, other), cells.get((true, other))) for other in chosen)
    return fill(
        '<tr><th scope="row" title="{}">{}</th>{}<td class="recall">{}</td></tr>',
        plain(evaluation.labels[true]),
        name(evaluation.labels[true]),
        join(drawn, ""),
        percent(counts[true] / counts.sum() if counts.sum() else math.nan),
    )


def _cell(evaluation: Evaluation, place: tuple[int, int], cell: Cell | None) -> Markup:
    count = int(evaluation.confusion[place])
    if not count:
        return Markup("<td></td>")
    true, predicted = place
    share = count / int(evaluation.confusion[true].sum())
    shade = f"{'hit' if true == predicted else 'miss'} s{max(1, round(math.sqrt(share) * _SHADES))}"
    if cell is None:
        return fill('<td class="{}">{}</td>', shade, f"{count:,}")
    said = f"{_title(evaluation.labels, true, predicted)}: {plural(count, 'picture')}"
    return fill(
        '<td class="{}"><a href="#{}" aria-label="{}">{}</a></td>',
        shade,
        _id(cell),
        plain(said),
        f"{count:,}",
    )


def _title(labels: Sequence[str], true: int, predicted: int) -> str:
    if true == predicted:
        return f"{labels[true]} named right"
    return f"{labels[true]} taken for {labels[predicted]}"


def _group(cell: Cell, labels: Sequence[str]) -> Markup:
    """Return the pictures of a cell; the target lies inside, so that a link to it opens them."""
    true, predicted = name(labels[cell.true]), name(labels[cell.predicted])
    verdict = (
        fill("{} <span>named right</span>", true)
        if cell.true == cell.predicted
        else fill("{} <span>taken for</span> {}", true, predicted)
    )
    left = cell.count - len(cell.shots)
    return fill(
        '<details class="group"><summary><span class="verdict">{}</span> '
        '<span class="count">{}</span></summary>\n<div id="{}">\n{}\n{}</div></details>',
        verdict,
        f"{len(cell.shots)} of {cell.count:,}" if left else f"{cell.count}",
        _id(cell),
        grid(cell.shots, labels),
        fill('<p class="small">{} more not shown.</p>', f"{left:,}") if left else "",
    )


def _id(cell: Cell) -> str:
    return f"cell-{cell.true}-{cell.predicted}"


def _left_out_labels(shown: int, count: int) -> str:
    if shown == count:
        return ""
    return f" Of {count:,} labels, the {shown} with the most mistakes."


def _left_out(data: ReportData) -> Markup:
    shown = sum(len(cell.shots) for cell in data.cells)
    left = data.evaluation.n - shown
    if not left:
        return Markup()
    said = f"To stay small, this page shows {shown:,} of {plural(data.evaluation.n, 'picture')}"
    return fill('<p class="small">{}, mistakes first.</p>', said)

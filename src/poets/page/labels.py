"""Precision, recall and F1 of each label, as bars."""

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
from markupsafe import Markup

from poets.page.data import ReportData
from poets.page.markup import bar, fill, join, name, percent

MOST_LABELS = 200
_AT_ONCE = 20  # the rest opens


def labels_section(data: ReportData) -> Markup:
    """Return the section, empty where nothing was tested."""
    evaluation = data.evaluation
    if not evaluation.n:
        return Markup()
    figures = evaluation.figures
    least = np.where(figures.support > 0, np.nan_to_num(figures.f1), np.inf)
    order = np.argsort(least, kind="stable")[:MOST_LABELS]
    rows = [
        _row(
            name(evaluation.labels[i]),
            (figures.precision[i], figures.recall[i], figures.f1[i]),
            int(figures.support[i]),
        )
        for i in order
    ]
    means = [("macro mean", figures.macro), ("weighted mean", figures.weighted)]
    foot = [_row(Markup(title), astuple(mean), evaluation.n) for title, mean in means]  # noqa: S704
    return fill(
        "<p>The least known first.{}</p>\n{}\n{}{}",
        _left_out(len(evaluation.labels)),
        _table(rows[:_AT_ONCE], foot),
        _more(rows[_AT_ONCE:]),
        _GLOSSARY,
    )


def _table(rows: Sequence[Markup], foot: Sequence[Markup] = ()) -> Markup:
    return fill(
        '<table class="labels">\n{}<tbody>\n{}\n</tbody>\n{}</table>',
        _HEAD,
        join(rows),
        fill("<tfoot>\n{}\n</tfoot>\n", join(foot)) if foot else "",
    )


def _more(rows: Sequence[Markup]) -> Markup:
    if not rows:
        return Markup()
    return fill(
        '<details class="more"><summary>{} more</summary>\n{}</details>\n', len(rows), _table(rows)
    )


_HEAD = Markup(
    '<thead><tr><th scope="col">label</th><th scope="col">precision</th><th scope="col">recall</th>'
    '<th scope="col">F1</th><th scope="col">pictures</th></tr></thead>\n'
)
_GLOSSARY = Markup(
    '<p class="small">Precision: of the pictures given the label, the share that have it. '
    "Recall: of the pictures that have it, the share given it. F1: the harmonic mean of both.</p>"
)


def _row(title: Markup, shares: Sequence[float], support: int) -> Markup:
    cells = join((fill("<td>{}{}</td>", percent(share), bar(share)) for share in shares), "")
    return fill('<tr><th scope="row">{}</th>{}<td>{}</td></tr>', title, cells, f"{support:,}")


def _left_out(count: int) -> str:
    return f" The {MOST_LABELS} lowest of {count:,} labels." if count > MOST_LABELS else ""

"""The figures that matter most, at the top."""

import math

from markupsafe import Markup

from poets.page.data import ReportData
from poets.page.markup import fill, join, percent, plain, plural


def headline(data: ReportData) -> Markup:
    """Return the head of the page: what it is, how good it is, how sure that is."""
    return fill(
        '<header>\n<p class="eyebrow">{}</p>\n<h1>{}</h1>\n{}\n</header>',
        plain(data.title),
        plain(data.summary),
        _figures(data) if data.evaluation.n else _unknown(),
    )


def _unknown() -> Markup:
    return Markup(
        '<p class="note">No pictures were kept for testing, so nobody knows how good it is: '
        "<code>--testing_percentage 10</code> keeps some.</p>"
    )


def _figures(data: ReportData) -> Markup:
    evaluation = data.evaluation
    low, high = evaluation.interval
    return fill(
        '<div class="figures">\n<div class="accuracy">\n'
        '<p class="big"><b>{}</b><span> %</span></p>\n'
        "<p>{} of {} named right</p>\n{}\n</div>\n"
        '<dl class="tiles">\n{}\n</dl>\n</div>',
        percent(evaluation.accuracy),
        f"{int(evaluation.correct.sum()):,}",
        plural(evaluation.n, f"{_PARTS.get(data.part, '')}picture"),
        _interval(evaluation.accuracy, low, high),
        join(_tiles(data)),
    )


_PARTS = {"testing": "test ", "validation": "validation ", "training": "training "}


def _interval(share: float, low: float, high: float) -> Markup:
    """Draw where the accuracy on all such pictures lies."""
    said = f"95 % interval {percent(low)} to {percent(high)} %"
    return fill(
        '<svg class="interval" role="img" aria-label="{0}">'
        '<rect class="rail" y="5" width="100%" height="4" rx="2"/>'
        '<rect class="range" x="{1:.2f}%" y="3" width="{2:.2f}%" height="8" rx="4"/>'
        '<circle cx="{3:.2f}%" cy="7" r="6"/></svg>\n<p class="small">{0}</p>',
        said,
        100 * low,
        100 * (high - low),
        100 * share,
    )


def _tiles(data: ReportData) -> list[Markup]:
    evaluation = data.evaluation
    n_labels, means = len(evaluation.labels), evaluation.figures.macro
    tiles = [
        ("Macro F1", f"{percent(means.f1)} %", "every label counts the same"),
        (
            "Cross entropy",
            f"{evaluation.cross_entropy:.3f}",
            f"0 is sure and right; guessing among {n_labels} labels is {math.log(n_labels):.2f}",
        ),
        ("Calibration error", f"{percent(data.calibration.error)} %", _calibration(data)),
    ]
    if n_labels > 5:
        top_5 = f"{percent(evaluation.top_k_accuracy(5))} %"
        tiles.insert(0, ("Top-5 accuracy", top_5, "the true label is among the five best"))
    return [
        fill('<div><dt>{}</dt><dd class="value">{}</dd><dd>{}</dd></div>', *tile) for tile in tiles
    ]


def _calibration(data: ReportData) -> str:
    calibration = data.calibration
    said = "between the scores and how often they are right"
    if calibration.temperature is None or calibration.error_after is None:
        return said
    after = f"{percent(calibration.error_after)} % at temperature {calibration.temperature:.2f}"
    return f"{said}; {after}"

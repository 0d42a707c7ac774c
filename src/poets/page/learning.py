"""The learning curves: how training and validation went, step by step."""

import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from poets.page.data import Curve, ReportData
from poets.page.markup import fill, join, percent

_POINTS = 240  # of a line
_SMOOTH = 0.035  # of the line's length: how far the smooth line looks back
_WIDTH, _HEIGHT = 600, 200  # of the drawing; it stretches
_TICKS = 4
_VALIDATION = Markup('<span><span class="key validation"></span> validation</span>')


def learning_section(data: ReportData) -> Markup:
    """Return the section, empty where nothing was trained."""
    if not data.curves:
        return Markup()
    return fill(
        '{}<p class="legend"><span><span class="key training"></span> training</span>{}'
        "<span>faint as measured, strong smoothed</span></p>\n"
        '<div class="charts">\n{}\n</div>',
        _resumed(data.curves[0].steps[0]),
        _VALIDATION if any(len(curve.validation) for curve in data.curves) else "",
        join(_chart(curve) for curve in data.curves),
    )


def _resumed(step: int) -> Markup:
    if not step:
        return Markup()
    return fill("<p>The training went on from a checkpoint at step {}.</p>\n", f"{step:,}")


def _chart(curve: Curve) -> Markup:
    low, high = _range(curve)
    return fill(
        _CHART,
        title=curve.name,
        said=f"{curve.name}: {_ends(curve)}",
        ticks=join((fill("<span>{}</span>", tick) for tick in _ticks(curve, low, high)), ""),
        width=_WIDTH,
        height=_HEIGHT,
        rules=_rules(),
        lines=_both_lines(curve, low, high),
        first=f"{curve.steps[0]:,}",
        unit=curve.unit,
        last=f"{curve.steps[-1]:,}",
        ends=_ends(curve),
    )


_CHART = """<figure class="chart">
<figcaption>{title}</figcaption>
<div class="plot"><div class="y" aria-hidden="true">{ticks}</div>
<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img" aria-label="{said}">
{rules}
{lines}
</svg>
<div class="x" aria-hidden="true"><span>{first}</span><span>{unit}</span><span>{last}</span></div>
</div>
<p class="small">At the end {ends}.</p>
</figure>"""


def _ticks(curve: Curve, low: float, high: float) -> list[str]:
    values = [high - (high - low) * i / _TICKS for i in range(_TICKS + 1)]
    return [f"{100 * value:.0f} %" if curve.is_share else f"{value:.3g}" for value in values]


def _rules() -> Markup:
    heights = (_HEIGHT * i / _TICKS for i in range(_TICKS + 1))
    return join(fill('<path class="rule" d="M0 {:g}H{}"/>', y, _WIDTH) for y in heights)


def _both_lines(curve: Curve, low: float, high: float) -> Markup:
    steps = (curve.steps[0], curve.steps[-1])
    lines = {"training": curve.training, "validation": curve.validation}
    return join(
        _lines(key, thin(curve.steps, line), steps, (low, high))
        for key, line in lines.items()
        if len(line)
    )


def _ends(curve: Curve) -> str:
    said = [f"{_say(curve.training[-1], curve)} in training"]
    if len(curve.validation):
        said.append(f"{_say(curve.validation[-1], curve)} in validation")
    return ", ".join(said)


def _say(value: float, curve: Curve) -> str:
    return f"{percent(value)} %" if curve.is_share else f"{value:.3f}"


def _range(curve: Curve) -> tuple[float, float]:
    """Return round ends of the axis that hold every value."""
    values = [*curve.training, *curve.validation]
    if curve.is_share:
        least = min(values)
        return next(low for low in (0.8, 0.6, 0.2, 0.0) if low <= least), 1.0
    most = max(*values, 1e-6)
    unit = 10.0 ** math.floor(math.log10(most))
    return 0.0, next(unit * step for step in (1, 2, 4, 6, 8, 10) if unit * step >= most * 0.999)


def thin(steps: Sequence[int], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return steps and values, where there are too many their means over equal stretches."""
    parts = np.array_split(np.arange(len(steps)), min(_POINTS, len(steps)))
    at, of = np.asarray(steps, np.float64), np.asarray(values, np.float64)
    ends = [at[part[-1]] for part in parts]
    return ends, [float(of[part].mean()) for part in parts]


def _lines(
    key: str,
    line: tuple[list[float], list[float]],
    steps: tuple[int, int],
    values: tuple[float, float],
) -> Markup:
    """Draw what was measured faintly, and a smoothed line over it."""
    at, measured = line
    smooth = _smoothed(measured)
    return join(
        (
            fill(
                '<polyline class="{} {}" points="{}"/>',
                key,
                kind,
                _points(at, drawn, steps, values),
            )
            for kind, drawn in (("faint", measured), ("strong", smooth))
        ),
        "",
    )


def _points(
    at: Sequence[float],
    drawn: Sequence[float],
    steps: tuple[int, int],
    values: tuple[float, float],
) -> str:
    across = _WIDTH / max(1, steps[1] - steps[0])
    up = _HEIGHT / (values[1] - values[0])
    pairs = ((x - steps[0]) * across for x in at), (_HEIGHT - (y - values[0]) * up for y in drawn)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(*pairs, strict=True))


def _smoothed(values: Sequence[float]) -> list[float]:
    """Return a running mean that forgets; at its start it takes in only what there is."""
    keep = 1 - 1 / max(1.0, _SMOOTH * len(values))
    total, weight, smooth = 0.0, 0.0, []
    for value in values:
        total, weight = keep * total + (1 - keep) * value, keep * weight + (1 - keep)
        smooth.append(total / weight)
    return smooth

"""Pictures whose label is perhaps wrong."""

from collections.abc import Sequence

from markupsafe import Markup

from poets.page.data import ReportData, Shot
from poets.page.markup import fill, join, name, percent, plain, plural
from poets.page.shots import tile


def suspects_section(data: ReportData) -> Markup:
    """Return the section; empty where there is nothing to say."""
    suspects = data.suspects
    if suspects is None:
        return Markup()
    if suspects.why_not:
        return fill('<p class="note">{}</p>', plain(suspects.why_not))
    if not suspects.count:
        return fill('<p class="note">None. {}</p>', plain(suspects.how))
    left = suspects.count - len(suspects.shots)
    return fill(
        '<p>{}: another label fits better. {}{}</p>\n<ul class="grid">\n{}\n</ul>',
        plural(suspects.count, "picture"),
        suspects.how,
        f" The {len(suspects.shots)} most suspicious are shown." if left else "",
        join(_tile(shot, data.evaluation.labels) for shot in suspects.shots),
    )


def _tile(shot: Shot, labels: Sequence[str]) -> Markup:
    better, score = shot.scores[0]
    caption = fill(
        "in {}, {} fits {} %", name(labels[shot.true]), name(labels[better]), percent(score)
    )
    return tile(shot, f"{shot.name}, perhaps {labels[better]}", caption)

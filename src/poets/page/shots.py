"""Pictures with their scores, as the sections show them."""

from collections.abc import Sequence

from markupsafe import Markup

from poets.page.data import Shot
from poets.page.markup import bar, fill, image, join, name, percent, plain


def thumbnail(shot: Shot, alt: str) -> Markup:
    """Return the small picture, or a word in its place."""
    if not shot.thumbnail:
        return Markup('<span class="missing">cannot be shown</span>')
    return image(shot.thumbnail, alt)


def grid(shots: Sequence[Shot], labels: Sequence[str]) -> Markup:
    """Return pictures in rows, each a link to its file."""
    return fill('<ul class="grid">\n{}\n</ul>', join(_tile(shot, labels) for shot in shots))


def tile(shot: Shot, alt: str, caption: Markup) -> Markup:
    """Return a picture that is a link to its file, with a line beneath."""
    return fill(
        '<li><a href="{}" title="{}"><span class="shot">{}</span>'
        '<span class="file">{}</span></a><span class="small">{}</span></li>',
        shot.link,
        plain(shot.name),
        thumbnail(shot, alt),
        name(shot.name.rpartition("/")[2]),
        caption,
    )


def _tile(shot: Shot, labels: Sequence[str]) -> Markup:
    label, score = shot.scores[0]
    alt = f"{shot.name}, {labels[label]} {percent(score)} %"
    return tile(shot, alt, fill("{} {} %", name(labels[label]), percent(score)))


def score_list(shot: Shot, labels: Sequence[str]) -> Markup:
    """Return the scores as a list with bars; the true label is marked."""
    return fill(
        '<ul class="scores">\n{}\n</ul>',
        join(
            fill(
                '<li class="{}"><span class="label">{}{}</span>'
                '<span class="number">{}</span>{}</li>',
                "true" if label == shot.true else "other",
                name(labels[label]),
                Markup(' <span class="tag">true</span>') if label == shot.true else "",
                percent(score),
                bar(score),
            )
            for label, score in shot.scores
        ),
    )

"""The worst mistakes, with what the network looked at."""

from collections.abc import Sequence

from markupsafe import Markup

from poets.page.data import Heat, ReportData, Shot
from poets.page.markup import fill, image, join, name, plain, plural
from poets.page.shots import score_list, thumbnail


def mistakes_section(data: ReportData) -> Markup:
    """Return the section, empty where nothing was tested."""
    evaluation = data.evaluation
    if not evaluation.n:
        return Markup()
    count = int((~evaluation.correct).sum())
    if not count:
        return fill(
            '<p class="note">None: all {} were named right.</p>', plural(evaluation.n, "picture")
        )
    labels = evaluation.labels
    has_heats = any(shot.heats for shot in data.mistakes)
    cards = join(_card(index, shot, labels) for index, shot in enumerate(data.mistakes))
    return fill(
        '<p>{}</p>\n{}\n<ol class="cards">\n{}\n</ol>',
        _said(count, len(data.mistakes)) + (_HOW if has_heats else ""),
        _switch() if has_heats else "",
        cards,
    )


_HOW = " A label under a picture shows where the network saw it: bright where it counted most."


def _said(count: int, shown: int) -> str:
    if shown < count:
        rest = f"The {shown} it was surest of; {count - shown:,} more are in the confusion matrix."
        return f"{plural(count, 'mistake')}. {rest}"
    return f"{plural(count, 'mistake')}, the one it was surest of first."


def _switch() -> Markup:
    """Return buttons that set all pictures at once; of use with the script only."""
    return Markup(
        '<p class="switch needs-script" role="group" aria-label="All pictures">'
        '<button type="button" data-look="picture" aria-pressed="true">Pictures</button>'
        '<button type="button" data-look="heat" aria-pressed="false">What it looked at</button></p>'
    )


def _card(index: int, shot: Shot, labels: Sequence[str]) -> Markup:
    predicted, true = labels[shot.predicted], labels[shot.true]
    return fill(
        '<li class="card">\n<div class="shot">{}{}</div>\n{}\n'
        '<p class="verdict">{} <span>taken for</span> {}</p>\n{}\n'
        '<a class="file" href="{}" title="{}">{}</a>\n</li>',
        thumbnail(shot, f"{true} taken for {predicted}"),
        join((_overlay(heat, shot, labels) for heat in shot.heats), ""),
        _looks(index, shot, labels) if shot.heats else "",
        name(true),
        name(predicted),
        score_list(shot, labels),
        shot.link,
        plain(shot.name),
        name(shot.name),
    )


def _overlay(heat: Heat, shot: Shot, labels: Sequence[str]) -> Markup:
    return image(
        heat.overlay,
        f"where it saw {labels[heat.label]}",
        **{"class": f"heat {_kind(heat, shot)}"},
    )


def _kind(heat: Heat, shot: Shot) -> str:
    return "heat-predicted" if heat.label == shot.predicted else "heat-true"


def _looks(index: int, shot: Shot, labels: Sequence[str]) -> Markup:
    """Return a choice of what is seen of a picture; it works without the script."""
    choices = [("picture", Markup("Picture"))]
    choices += [(_kind(heat, shot), name(labels[heat.label])) for heat in shot.heats]
    return fill(
        '<fieldset class="looks"><legend class="hidden">What is shown</legend>{}</fieldset>',
        join(
            (
                fill(
                    '<label><input type="radio" name="look-{}" value="{}"{}>'
                    "<span>{}</span></label>",
                    index,
                    kind,
                    Markup(" checked") if kind == "picture" else "",
                    title,
                )
                for kind, title in choices
            ),
            "",
        ),
    )

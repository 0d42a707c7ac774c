"""Pieces of HTML. A `Markup` is HTML; what else is put into one is escaped."""

import base64
import math
import re
from collections.abc import Iterable

from markupsafe import Markup

# HTML knows no control characters, and UTF-8 no lone surrogates (bytes of a name that are none).
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain(text: object) -> str:
    """Return text that an HTML file can hold, on one line."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", str(text))


def name(text: object) -> Markup:
    """Return a name from outside, kept apart from the direction of the text around it."""
    return Markup("<bdi>{}</bdi>").format(plain(text))


def fill(template: str, *values: object, **named: object) -> Markup:
    """Put values into HTML, escaped where they are none."""
    return Markup(template).format(*values, **named)  # noqa: S704 - a template of ours


def join(parts: Iterable[Markup], between: str = "\n") -> Markup:
    """Return the parts one after the other."""
    return Markup(between).join(parts)  # noqa: S704


def percent(share: float) -> str:
    """Return a share as a percentage without its sign; a dash for none."""
    return "\N{EN DASH}" if math.isnan(share) else f"{100 * share:.1f}"


def image(content: bytes, alt: str, **attributes: object) -> Markup:
    """Return an image that is in the page itself."""
    kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
    data = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    extra = join((fill(' {}="{}"', key, value) for key, value in attributes.items()), "")
    return fill('<img src="{}" alt="{}"{}>', data, plain(alt), extra)


def bar(share: float) -> Markup:
    """Return a thin bar that is filled up to a share; decoration beside the number."""
    width = 0 if math.isnan(share) else 100 * min(1.0, max(0.0, share))
    return fill(
        '<svg class="bar" aria-hidden="true" focusable="false">'
        '<rect class="rail" width="100%" height="100%"/>'
        '<rect class="filled" width="{:.2f}%" height="100%"/></svg>',
        width,
    )


def plural(count: int, noun: str) -> str:
    """Return "1 picture", "2,000 pictures"."""
    return f"{count:,} {noun}{'s' * (count != 1)}"

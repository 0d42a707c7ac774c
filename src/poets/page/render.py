"""The page as HTML: a pure function of its data."""

import base64
import hashlib
from importlib.resources import files

from markupsafe import Markup

from poets import __version__
from poets.page.confusion import confusion_section
from poets.page.data import ReportData
from poets.page.headline import headline
from poets.page.labels import labels_section
from poets.page.learning import learning_section
from poets.page.markup import fill, join, plain
from poets.page.mistakes import mistakes_section
from poets.page.settings import settings_section
from poets.page.suspects import suspects_section
from poets.page.weights import weights_section

_TITLES = {
    "mistakes": "Mistakes",
    "confusion": "Confusion",
    "labels": "Labels",
    "suspects": "Suspected labels",
    "weights": "What each label looks for",
    "learning": "Learning",
    "settings": "Repeat it",
}


_SECTION = """<section id="{0}" aria-labelledby="{0}-title">
<h2 id="{0}-title">{1}</h2>
{2}
</section>"""


def render(data: ReportData) -> str:
    """Return the whole page; the same bytes for the same data."""
    sections = {
        "mistakes": mistakes_section(data),
        "confusion": confusion_section(data),
        "labels": labels_section(data),
        "suspects": suspects_section(data),
        "weights": weights_section(data),
        "learning": learning_section(data),
        "settings": settings_section(data),
    }
    kept = {key: section for key, section in sections.items() if section}
    style, script = Markup(_read("page.css")), Markup(_read("page.js"))  # noqa: S704 - our own
    page = fill(
        _read("page.html"),
        policy=_policy(style, script),
        version=__version__,
        kind=data.kind,
        title=plain(data.title),
        style=style,
        script=script,
        headline=headline(data),
        links=join(fill('<a href="#{}">{}</a>', key, _TITLES[key]) for key in kept),
        sections=join(fill(_SECTION, key, _TITLES[key], kept[key]) for key in kept),
    )
    return str(page)


def _policy(style: str, script: str) -> str:
    """Let nothing in but the page's own style, script and pictures."""
    hashes = (
        base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in (style, script)
    )
    style_hash, script_hash = hashes
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style_hash}'; "
        f"script-src 'sha256-{script_hash}'; base-uri 'none'; form-action 'none'"
    )


def _read(name: str) -> str:
    return (files("poets.page") / name).read_text("utf-8")

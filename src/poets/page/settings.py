"""What it takes to get the same numbers again."""

from markupsafe import Markup

from poets.page.data import ReportData
from poets.page.markup import fill, join, plain


def settings_section(data: ReportData) -> Markup:
    """Return the command line and what the numbers depend on."""
    facts = (
        fill("<div><dt>{}</dt><dd>{}</dd></div>", plain(title), plain(value))
        for title, value in data.run.facts
    )
    return fill(
        '<div class="command"><pre tabindex="0"><code id="command">{}</code></pre>'
        '<button type="button" class="needs-script" id="copy">Copy</button></div>\n'
        '<dl class="facts">\n{}\n</dl>',
        plain(data.run.command),
        join(facts),
    )

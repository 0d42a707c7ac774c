"""Text made fit for a terminal: file names may hold anything but a slash."""

import re

COLUMN = 11  # width of the words that stand at the left
UNSURE = "no label is sure enough"  # for --threshold

# Control characters could steer the terminal; a lone surrogate stands for a byte that is no UTF-8.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def shown(text: object) -> str:
    r"""Return one line in which what no terminal should see is written as its escape (`\x1b`)."""
    return _UNFIT.sub(lambda found: ascii(found[0])[1:-1], str(text))

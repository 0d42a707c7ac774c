"""A page's commands, as they stand there, run as in one terminal."""

import re
from pathlib import Path

from tests.support.checkout import Checkout
from tests.support.commands import Output

OFFLINE = "http://127.0.0.1:9"  # the discard port, where nothing listens
_BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(page: Path) -> list[str]:
    """Return the page's blocks of shell, and of Python for a shell; other blocks are to read."""
    return [
        text if language == "sh" else f"python - <<'END'\n{text}END\n"
        for language, text in _BLOCK.findall(page.read_text(encoding="utf-8"))
    ]


def commands_in(blocks: list[str]) -> list[str]:
    """Return the lines that are not empty."""
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def run_blocks(checkout: Checkout, blocks: list[str], **environment: str) -> Output:
    """Run the blocks in one shell, in the top folder, until one fails; without a network."""
    script = checkout.top / "blocks.sh"
    script.write_text("set -eux\n" + "\n".join(blocks))
    return checkout.sh(script, folder=None, POETS_DOWNLOAD_BASE=OFFLINE, **environment)

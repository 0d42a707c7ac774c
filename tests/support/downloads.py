"""What the tests of downloads share."""

import sys
from pathlib import Path

from poets.network.download import RemoteFile, download
from poets.report import Reporter
from tests.support.http import Site

CONTENT = bytes(range(256)) * 2_000
CUT = 100_000
SOON = 0.3  # seconds; long enough for the loopback
ENOUGH = 30.0

PROGRAM = """
import sys, resource
from pathlib import Path
from poets.network.download import RemoteFile, download
from poets.errors import OutputError
from poets.report import Reporter
url, path, limit = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    download(RemoteFile(url, "the file"), path, Reporter(), timeout=60.0)
except OutputError as error:
    print(error)
"""


def program(site: Site, path: Path, limit: int = 0) -> list[str]:
    return [sys.executable, "-c", PROGRAM, f"{site.url}/file", str(path), str(limit)]


def fetch(site: Site, path: Path, sha: str | None = None, reporter: Reporter | None = None) -> Path:
    remote = RemoteFile(f"{site.url}/file", "the file", sha)
    return download(remote, path, reporter or Reporter(), timeout=ENOUGH)


def part_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())

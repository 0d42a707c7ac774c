"""Files from the network: whole and checked, or not at all; a stopped download goes on later."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from poets.files import output_errors
from poets.network.part import PartFile, open_part
from poets.network.remote import MIRROR_VARIABLE, DownloadError, RemoteFile, Wanted, mirror
from poets.registry import load
from poets.report import Reporter

if TYPE_CHECKING:
    from poets.network.web import Answer

__all__ = ["DownloadError", "RemoteFile", "download", "mirror"]

# Named, not imported: a run that has all its files saves the 40 ms of urllib and ssl.
_ASK = "poets.network.web:ask"
_AGAIN = "Run it again: the download goes on where it stopped."


def download(remote: RemoteFile, path: Path, reporter: Reporter, *, timeout: float = 8.0) -> Path:
    """Return `path`, downloaded where it is not there yet; a file that is there is not changed.

    Raises DownloadError where no first byte comes within `timeout` seconds, or no further one,
    and where the file is not the expected one; OutputError where it cannot be written.
    """
    if not _is_there(path):
        with open_part(path, _waiting(remote, reporter)) as part:
            if not _is_there(path):  # another process may just have brought it
                _complete(part, remote, reporter, timeout)
                part.publish(path)
                return path
    _check_existing(path, remote)
    return path


def _is_there(path: Path) -> bool:
    with output_errors(path):
        return path.exists()


def _check_existing(path: Path, remote: RemoteFile) -> None:
    if not path.is_file():
        raise DownloadError(f"{path} is there, and is no file")
    try:
        remote.check(path)
    except DownloadError as error:
        hint = "Move it away, and run again."
        raise DownloadError(f"{path} is another file: {error}", hint=hint) from error


def _waiting(remote: RemoteFile, reporter: Reporter) -> Callable[[], None]:
    message = f"{remote.name} is being downloaded by another process: waiting for it."
    return lambda: reporter.warning(message)


def _complete(part: PartFile, remote: RemoteFile, reporter: Reporter, timeout: float) -> None:
    """Bring what is missing, and check the whole."""
    url = mirror(remote.url)
    if url != remote.url and not url.lower().startswith(("http://", "https://")):
        hint = "Such an address is like http://school:8000."
        raise DownloadError(f"{MIRROR_VARIABLE} is no web address", hint=hint)
    wanted = part.missing(url)
    if wanted is not None:
        answer: Answer = load(_ASK)(wanted, timeout)
        with closing(answer):
            _receive(answer, part, f"Downloading {remote.name}", reporter)
    try:
        remote.check(part.path)
    except DownloadError as error:
        part.discard()
        raise DownloadError(f"{Wanted(url).host}: not the published file, {error}") from error


def _receive(answer: "Answer", part: PartFile, title: str, reporter: Reporter) -> None:
    if answer.start == 0:
        part.restart(answer.version)
    with reporter.progress(title, answer.version.total or 0, "B") as advance:
        advance(answer.start)
        try:
            for chunk in answer.chunks():
                part.append(chunk)
                advance(len(chunk))
        except DownloadError as error:
            hint = _AGAIN if answer.version.validator else ""
            raise DownloadError(f"{error}, after {part.size:,} bytes", hint=hint) from error

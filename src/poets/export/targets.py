"""Where exports go, and how each takes its place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from poets.errors import UsageError
from poets.export.exporting import Target
from poets.export.folders import check_folder, replacing_folder
from poets.export.table import Exporter
from poets.files import check_writable, replacing


def check_targets(targets: Sequence[tuple[Exporter, Path]]) -> None:
    """Fail before the work: raises UsageError for what is not installed, and OutputError."""
    check_places([(exporter.name, place) for exporter, place in targets])
    for exporter, place in targets:
        exporter.check_installed()
        if exporter.folder:
            check_folder(place)
        else:
            check_writable(place)


def check_places(places: Sequence[tuple[str, Path]]) -> None:
    """Raise UsageError where two outputs are one file, or one lies in the other's folder."""
    for index, (name, path) in enumerate(places):
        for other, second in places[:index]:
            here, there = path.resolve(), second.resolve()
            if here == there:
                raise UsageError(f"{name} and {other} are both to be written to {path}.")
            if here in there.parents or there in here.parents:
                raise UsageError(f"{name} ({path}) and {other} ({second}) lie one in the other.")


@contextmanager
def placing(places: Mapping[Exporter, Path]) -> Iterator[list[Target]]:
    """Yield where to write each export; all take their places when the block ends well."""
    # A .pb is written first: what speaks for it has its SHA-256. What is written last goes first to
    # its place, and that is a folder: it is what may have become another's meanwhile.
    rows = sorted(places.items(), key=lambda row: (row[0].folder, row[0].name != "pb"))
    with ExitStack() as stack:
        yield [
            Target(
                exporter,
                place,
                stack.enter_context((replacing_folder if exporter.folder else replacing)(place)),
            )
            for exporter, place in rows
        ]

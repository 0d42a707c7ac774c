"""Many labelled pictures: a line each for people, or a format for programs; and into folders."""

import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from poets.cli.console import TerminalReporter
from poets.cli.formats import PRINTERS
from poets.cli.shown import UNSURE, shown
from poets.decode import UnreadableImageError
from poets.errors import DataError
from poets.labelling.config import ListingConfig
from poets.labelling.sorting import make_folder, sort_picture
from poets.predict import LabeledPicture

_WIDEST = 60  # columns of a name; a longer one pushes only its own line
_SURE = 0.9  # below it, a list of pictures names the second label too


def print_many(
    labeled: Iterable[LabeledPicture],
    paths: Sequence[Path],
    labels: tuple[str, ...],
    listing: ListingConfig,
) -> int:
    """Print a line a picture, as each is done, and sort it where asked; return the exit code."""
    counts: Counter[str] = Counter()
    if listing.sort_into is not None:
        make_folder(listing.sort_into, labels)
    pictures = _counted(_sorted(_with_bar(labeled, len(paths)), listing), counts)
    if listing.form:
        _write_utf_8()
        PRINTERS[listing.form](pictures, min(listing.top_k, len(labels)))
    else:
        width = min(max((len(shown(path)) for path in paths), default=0), _WIDEST)
        for one in pictures:
            click.echo(f"{shown(one.path):{width}}   {shown(_said(one))}")
    sys.stdout.flush()
    _print_totals(counts, listing)
    return DataError.exit_code if counts["unreadable"] else 0


def _write_utf_8() -> None:
    """Programs read UTF-8, whatever the terminal is set to."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def _with_bar(labeled: Iterable[LabeledPicture], total: int) -> Iterator[LabeledPicture]:
    """Draw a bar where a person waits and sees no lines."""
    if sys.stdout.isatty() or not sys.stderr.isatty():
        yield from labeled
        return
    with TerminalReporter().progress("Labelling", total, "images") as advance:
        for one in labeled:
            yield one
            advance(1)


def _sorted(labeled: Iterable[LabeledPicture], listing: ListingConfig) -> Iterator[LabeledPicture]:
    for one in labeled:
        wanted = listing.sort_into if one.predictions else None
        yield one if wanted is None else _put(one, wanted, move=listing.move)


def _put(one: LabeledPicture, folder: Path, *, move: bool) -> LabeledPicture:
    try:
        target = sort_picture(one.path, one.predictions[0].label, folder, move=move)
    except UnreadableImageError as error:  # it is gone since it was labelled
        return replace(one, predictions=(), error=str(error))
    return replace(one, sorted_to=target)


def _counted(labeled: Iterable[LabeledPicture], counts: Counter[str]) -> Iterator[LabeledPicture]:
    for one in labeled:
        counts[_how(one)] += 1
        counts["sorted"] += one.sorted_to is not None
        yield one


def _how(one: LabeledPicture) -> str:
    if one.error:
        return "unreadable"
    return "unknown" if one.unknown else "labelled" if one.predictions else "unsure"


def _said(one: LabeledPicture) -> str:
    if one.error:
        return f"cannot be read: {one.error}"
    if not one.predictions:
        return UNSURE
    best, *others = one.predictions
    also = f"   {others[0].label} {others[0].score:.3f}" if others and best.score < _SURE else ""
    to = "".join(f"   -> {path}" for path in (one.explained_in, one.sorted_to) if path)
    return f"{best.label:12} {best.score:.3f}{also}{to}"


def _print_totals(counts: Counter[str], listing: ListingConfig) -> None:
    words = {
        "unknown": "unknown",
        "unsure": "without a sure label",
        "unreadable": "could not be read",
    }
    parts = [f"{counts[name]} {text}" for name, text in words.items() if counts[name]]
    if counts["sorted"]:
        parts.append(f"{counts['sorted']} in {shown(listing.sort_into)}")
    if parts:
        click.echo(", ".join([f"{counts['labelled']} labelled", *parts]), err=True)

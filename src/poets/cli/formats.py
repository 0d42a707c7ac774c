"""What `label-image` prints for programs: JSON, JSON lines and CSV."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from poets.predict import LabeledPicture


def _record(one: LabeledPicture) -> dict[str, Any]:
    return {
        "path": _text(one.path),
        "predictions": [{"label": p.label, "score": round(p.score, 6)} for p in one.predictions],
        "error": one.error or None,
        "sorted_to": None if one.sorted_to is None else _text(one.sorted_to),
        **_seen_inside(one),
    }


def _seen_inside(one: LabeledPicture) -> dict[str, Any]:
    """Return what a look into the network told, where there was one."""
    seen: dict[str, Any] = {}
    if one.explained_in is not None:
        seen["explained_in"] = _text(one.explained_in)
    if one.distance is not None and one.farther_than is not None:
        seen["unknown"] = one.unknown
        seen |= {"distance": round(one.distance, 4), "farther_than": round(one.farther_than, 4)}
    return seen


def _text(path: Path) -> str:
    """Return the path; bytes of it that are no UTF-8 are shown as their escapes."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _print_json(labeled: Iterable[LabeledPicture], _: int) -> None:
    click.echo("[", nl=False)
    for index, one in enumerate(labeled):
        click.echo("," if index else "")
        click.echo(json.dumps(_record(one), ensure_ascii=False), nl=False)
    click.echo("\n]")


def _print_lines(labeled: Iterable[LabeledPicture], _: int) -> None:
    for one in labeled:
        click.echo(json.dumps(_record(one), ensure_ascii=False))


def _print_csv(labeled: Iterable[LabeledPicture], top_k: int) -> None:
    ranks = ["", *(f"_{rank}" for rank in range(2, top_k + 1))]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    names = [f"{name}{rank}" for rank in ranks for name in ("label", "score")]
    writer.writerow(["path", *names, "error"])
    for one in labeled:
        cells = list(_cells(one))
        writer.writerow([_text(one.path), *cells, *[""] * (len(names) - len(cells)), one.error])


def _cells(one: LabeledPicture) -> Iterator[str]:
    for prediction in one.predictions:
        yield from (prediction.label, f"{prediction.score:.6f}")


PRINTERS: dict[str, Callable[[Iterable[LabeledPicture], int], None]] = {
    "json": _print_json,
    "jsonl": _print_lines,
    "csv": _print_csv,
}

"""What is said of files that were written, and of how they were proved."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from poets.export.exporting import Proofs
from poets.export.proof import Proof
from poets.export.table import EXPORTERS, Exporter

_SAID = {
    "pb": "the graph",
    "tflite": "the same, for phones and fast labelling",
    "labels": "its labels",
    "report": "the results, to open in a browser",
}


def describe_files(
    files: Mapping[str, Path], proofs: Mapping[str, Proofs]
) -> Iterator[tuple[Path, str]]:
    """Yield each file with what it is, and how far its scores are from the trained head's."""
    for name, path in files.items():
        what = _SAID[name] if name in _SAID else EXPORTERS[name].description
        said = [_say(EXPORTERS[name], way, proof) for way, proof in proofs.get(name, {}).items()]
        yield path, "; ".join([what, *said])


def _say(exporter: Exporter, way: str, proof: Proof) -> str:
    whose = f"{way}: " if way in exporter.decoding else ""
    if not proof.pictures:
        return f"{whose}no picture could be read"
    if proof.accuracy_lost is None or not (exporter.reduced or whose):
        distance = f"within {proof.max_difference:.0e}" if proof.max_difference else "the same"
        return f"{whose}scores {distance}"
    unreadable = f", {proof.unreadable} not readable" if proof.unreadable else ""
    change = "gains" if proof.accuracy_lost < 0 else "loses"
    points = f"{abs(proof.accuracy_lost):.1f} points of accuracy"
    return f"{whose}{change} {points} (N={proof.pictures}{unreadable})"

"""What makes an exported graph self-describing: JSON, inside the file."""

import json
import lzma
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from poets.errors import ModelError
from poets.preprocess import Preprocess

ZIP_ENTRY = "manifest.json"  # in the zip behind a .tflite
_FORMAT = 1
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)
_LARGEST_ENTRY = 1 << 24  # bytes; a manifest with a million labels has less


@dataclass(frozen=True)
class Manifest:
    """All that labelling a picture needs to know, and where the graph came from."""

    labels: tuple[str, ...]
    preprocess: Preprocess
    input_name: str
    output_name: str
    architecture: str
    backbone_digest: str
    poets_version: str
    training: Mapping[str, Any] = field(default_factory=dict)  # settings that repeat the run
    test_accuracy: float | None = None  # in [0, 1]
    test_images: int = 0
    graph_sha256: str = ""  # in a .tflite: the .pb that it speaks for
    export: Mapping[str, Any] = field(default_factory=dict)  # how an export was proved
    familiar: Mapping[str, Any] = field(default_factory=dict)  # what `poets.unknown` learned

    def to_json(self) -> bytes:
        """Return the same bytes for the same manifest."""
        values = asdict(self) | {"format": _FORMAT}
        return json.dumps(values, sort_keys=True, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Manifest":
        """Read what `to_json` wrote; raises ModelError for anything else."""
        try:
            values = json.loads(content)
            if values.pop("format") != _FORMAT:
                hint = "A newer poets reads it: pip install --upgrade poets."
                raise ModelError("The graph's manifest is of another format.", hint=hint)
            labels = tuple(str(label) for label in values.pop("labels"))
            "".join(labels).encode()  # raises for what no terminal and no folder's name can hold
            preprocess = Preprocess(**values.pop("preprocess"))
            values |= {name: str(values[name]) for name in ("input_name", "output_name")}
            return cls(labels=labels, preprocess=preprocess, **values)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ModelError(f"The graph's manifest cannot be read: {error!r}.") from error


def read_zip_manifest(path: Path) -> Manifest | None:
    """Return the manifest in the zip behind a .tflite; None where there is none.

    Raises ModelError for one that cannot be read.
    """
    content = read_zip_entry(path, lambda name: name == ZIP_ENTRY)
    return None if content is None else Manifest.from_json(content)


def read_zip_entry(path: Path, wanted: Callable[[str], bool]) -> bytes | None:
    """Return the first entry with a wanted name in the zip behind a .tflite, None without one.

    Raises ModelError where it is damaged.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile):
        return None
    with archive:
        entry = next((info for info in archive.infolist() if wanted(info.filename)), None)
        if entry is None:
            return None
        if entry.file_size > _LARGEST_ENTRY:
            raise ModelError(f"{path}: {entry.filename} in it is too large.")
        try:
            return archive.read(entry)
        # Damaged, encrypted, or compressed as nobody does.
        except (OSError, EOFError, ValueError, RuntimeError, *_ZIP_ERRORS) as error:
            raise ModelError(f"{path}: {entry.filename} in it cannot be read.") from error

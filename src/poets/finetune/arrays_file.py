"""Numbered arrays, and a few words on them, in a file of --model_dir."""

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from poets.files import replacing

T = TypeVar("T")
Arrays: TypeAlias = Sequence[npt.NDArray[Any]]
_INFO = "info"


def write_arrays(path: Path, info: Mapping[str, Any], groups: Mapping[str, Arrays]) -> None:
    """Write the file, whole or not at all; raises OutputError."""
    counts = {name: len(values) for name, values in groups.items()}
    arrays = {_INFO: np.array(json.dumps({**info, **counts}))}
    for name, values in groups.items():
        arrays |= {f"{name}{i}": array for i, array in enumerate(values)}
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_arrays(
    path: Path, names: Sequence[str], make: Callable[[dict[str, Any], Sequence[Arrays]], T]
) -> T | None:
    """Make something of what `write_arrays` wrote; None where there is none, or it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            info = json.loads(str(arrays[_INFO]))
            groups = [tuple(arrays[f"{name}{i}"] for i in range(info[name])) for name in names]
            return make(info, groups)
    # What a file of something else, or a half of one, makes NumPy and the lines above raise.
    except (OSError, ValueError, LookupError, TypeError, EOFError, zipfile.BadZipFile):
        return None

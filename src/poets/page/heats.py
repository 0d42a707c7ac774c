"""Heat maps that are kept in the cache of features: the same run again opens no picture."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

import numpy as np

from poets.errors import OutputError
from poets.features.cache import DECODER, FeatureCache, FileState, SmallPicture
from poets.page.gather import HeatMaps
from poets.preprocess import FloatArray

_FORMAT = 2  # raise it when maps are made otherwise: those that are kept are then made anew
_NONE = b"none"  # there is no map, and that is known


@dataclass(frozen=True)
class KeptHeatMaps:
    """Asks the network for what the cache does not know."""

    cache: FeatureCache
    make: HeatMaps
    network: str  # the digest of all that the maps depend on beside the picture

    def __call__(self, paths: Sequence[Path], label_ids: Sequence[int]) -> list[FloatArray | None]:
        """Return a map a picture and label; rounded to 8 bits, whether it was known or not."""
        asked = list(zip(paths, label_ids, strict=True))
        known = {one: content for one in asked if (content := self._look_up(*one)) is not None}
        missing = [one for one in dict.fromkeys(asked) if one not in known]
        if missing:
            made = self.make([path for path, _ in missing], [label for _, label in missing])
            new = {one: _pack(heat) for one, heat in zip(missing, made, strict=True)}
            self._keep(new)
            known |= new
        return [_unpack(known[one]) for one in asked]

    def _look_up(self, path: Path, label: int) -> bytes | None:
        with suppress(OSError, OutputError):
            return self.cache.look_up_thumbnail(FileState.of(path), self._kind(label))
        return None

    def _keep(self, made: dict[tuple[Path, int], bytes]) -> None:
        # A cache that may only be read, or a full disk: they are made again the next time.
        with suppress(OSError, OutputError):
            self.cache.store_thumbnails(self._rows(made))

    def _rows(self, made: dict[tuple[Path, int], bytes]) -> Iterator[SmallPicture]:
        for (path, label), content in made.items():
            with suppress(OSError):  # gone since: the others are kept
                state = FileState.of(path)
                sha256 = self.cache.sha256_of(state)
                if sha256 is not None:
                    yield SmallPicture(state, sha256, self._kind(label), content)

    def _kind(self, label: int) -> str:
        return f"heat map {_FORMAT}, {label}, {DECODER}, {self.network}"


def digest_of(*parts: object) -> str:
    """Return a digest of words, numbers and arrays, also within dataclasses, tuples and lists."""
    digest = hashlib.sha256()
    _feed(digest, parts)
    return digest.hexdigest()


def _feed(digest: "hashlib._Hash", part: object) -> None:
    if isinstance(part, np.ndarray):
        digest.update(f"{part.dtype} {part.shape}".encode() + np.ascontiguousarray(part).tobytes())
    elif is_dataclass(part):
        _feed(digest, tuple(getattr(part, field.name) for field in fields(part)))
    elif isinstance(part, tuple | list):
        digest.update(f"({len(part)})".encode())
        for one in part:
            _feed(digest, one)
    else:
        digest.update(repr(part).encode())


def _pack(heat: FloatArray | None) -> bytes:
    if heat is None or max(heat.shape) > 255:
        return _NONE
    return bytes(heat.shape) + np.rint(np.clip(heat, 0, 1) * 255).astype(np.uint8).tobytes()


def _unpack(content: bytes) -> FloatArray | None:
    if content == _NONE:
        return None
    pixels = np.frombuffer(content[2:], np.uint8).reshape(content[0], content[1])
    return pixels.astype(np.float32) / np.float32(255)

"""Tensors from a file in torch's legacy format (before 1.6), without torch.

Such a file is five pickles (magic number, protocol, system, state dict, storage keys), then the
storages: each a count and its raw numbers.
"""

import io
import math
import pickle
import pickletools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from poets.backbones.weights_file import read_weights
from poets.errors import ModelError

Array: TypeAlias = npt.NDArray[Any]

MAX_BYTES = 1 << 30
MAX_OPCODES = 30_000  # a state dict has ten or so a tensor
_NEEDED = (
    "PROTO STOP MARK NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINUNICODE EMPTY_TUPLE"
    " TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_LIST APPEND APPENDS EMPTY_DICT SETITEM SETITEMS"
    " BINPUT LONG_BINPUT BINGET LONG_BINGET GLOBAL REDUCE BUILD BINPERSID"
)
_OPCODES = frozenset(_NEEDED.split())
_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_DTYPES: dict[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"),
    "LongStorage": np.dtype("<i8"),
}
HINT = "Install the package that it came with again."


@dataclass(frozen=True)
class _Storage:
    """Numbers that follow the pickles."""

    key: str
    dtype: str
    count: int


@dataclass(frozen=True)
class _View:
    """A tensor: elements of a storage, with offset and strides counted in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Dict(dict[str, Any]):
    """What stands for an OrderedDict: it ignores the attributes that a pickle would set."""

    def __setstate__(self, state: object) -> None:
        pass


class _Unpickler(pickle.Unpickler):
    """Makes dicts, storages and views; whatever else a pickle names, it does not get."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - it is pickle's
        if module == "torch" and name in _DTYPES:
            return name
        if (module, name) == ("collections", "OrderedDict"):
            return _Dict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda *arguments: _View(*arguments[:4])  # a new one: BUILD could change it
        raise ValueError(f"its pickle names {f'{module}.{name}'!a}")

    def persistent_load(self, pid: Any) -> _Storage:  # noqa: ANN401 - it is pickle's
        _, dtype, key, _, count, _ = pid
        return _Storage(key, dtype, count)


def read_state_dict(path: Path) -> dict[str, Array]:
    """Read the float32 and int64 tensors of a state dict, as read-only arrays by name.

    Raises ModelError naming the file where it holds anything else.
    """
    content = read_weights(path, MAX_BYTES, HINT)
    try:
        return _parse(io.BytesIO(content))
    # A damaged file makes pickle and the steps after it raise nearly anything.
    except Exception as error:
        reason = str(error) if isinstance(error, ValueError) else "damaged"
        raise ModelError(f"{path}: no weights that can be read: {reason}.", hint=HINT) from error


def _parse(stream: io.BytesIO) -> dict[str, Array]:
    magic, protocol, system, state, keys = (_unpickle(stream) for _ in range(5))
    if (magic, protocol) != (_MAGIC, _PROTOCOL) or system["little_endian"] is not True:
        raise ValueError("not torch's legacy format")
    if not isinstance(state, dict) or not all(isinstance(v, _View) for v in state.values()):
        raise ValueError("not a dict of tensors")
    storages = _read_storages(stream, keys, [view.storage for view in state.values()])
    return {str(name): _array(view, storages[view.storage.key]) for name, view in state.items()}


def _unpickle(stream: io.BytesIO) -> Any:  # noqa: ANN401 - whatever the pickle holds
    """Look through a pickle for what could do harm, then load it."""
    start = stream.tell()
    for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
        if opcode.name not in _OPCODES:
            raise ValueError(f"its pickle uses {opcode.name}")
        # Deep nesting overflows C's stack, and a high slot of the memo fills the memory.
        slot = argument or 0 if opcode.name == "LONG_BINPUT" else 0
        if max(count, slot) > MAX_OPCODES:
            raise ValueError("its pickle is too large")
    stream.seek(start)
    return _Unpickler(stream).load()


def _read_storages(
    stream: io.BytesIO, keys: Sequence[str], wanted: Sequence[_Storage]
) -> dict[str, Array]:
    known = {storage.key: storage for storage in wanted}
    arrays = {key: _read_storage(stream, known[key]) for key in keys}
    if stream.read(1):
        raise ValueError("it goes on behind the last tensor")
    return arrays


def _read_storage(stream: io.BytesIO, storage: _Storage) -> Array:
    count = int.from_bytes(stream.read(8), "little", signed=True)
    if count < 1 or count != storage.count:
        raise ValueError(f"{count:,} numbers where {storage.count:,} are announced")
    dtype = _DTYPES[storage.dtype]
    content = stream.read(count * dtype.itemsize)
    if len(content) < count * dtype.itemsize:
        raise ValueError("it ends too early")
    return np.frombuffer(content, dtype)


def _array(view: _View, storage: Array) -> Array:
    """Return the view's elements, once it is sure that all of them lie in the storage."""
    shape, strides, last = view.shape, view.strides, view.offset
    for size, stride in zip(shape, strides, strict=True):
        if size < 1 or stride < 0:
            raise ValueError("a tensor with a negative size or stride")
        last += (size - 1) * stride
    # More elements than the storage has would let a small file fill the memory.
    if not 0 <= view.offset <= last < storage.size or math.prod(shape) > storage.size:
        raise ValueError("a tensor reaches beyond its numbers")
    steps = [stride * storage.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(storage[view.offset :], shape, steps, writeable=False)

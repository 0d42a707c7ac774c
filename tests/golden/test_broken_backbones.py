"""Archives and weights that are damaged, hostile or of another network: one clear error each."""

import gzip
import io
import os
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT, DT_STRING

from poets.backbones import efficientnet_lite, frozen_archive
from poets.backbones.compile import compile_backbone
from poets.backbones.table import find_backbone
from poets.errors import ModelError
from tests.support.legacy_torch import legacy_file, state_dict, storage, tensor
from tests.support.lite import lite_weights

SMALL = find_backbone("mobilenet_0.25_128")
LITE0 = find_backbone("efficientnet_lite0")
ARCHIVE = "mobilenet_v1_0.25_128_frozen.tgz"
NAMED = r"0\.25_128_frozen\.tgz: "


@pytest.fixture
def good(shared: Path) -> bytes:
    return (shared / "models" / ARCHIVE).read_bytes()


def written(folder: Path, content: bytes) -> Path:
    path = folder / ARCHIVE
    path.write_bytes(content)
    return path


def archive_of(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def archive_with(graph: GraphDef) -> bytes:
    return archive_of({"net/frozen_graph.pb": graph.SerializeToString()})


def tiny_graph() -> GraphDef:
    """A graph with the nodes that are looked for: pictures in, their mean colours out."""
    graph = GraphDef()
    graph.node.add(name="input", op="Placeholder").attr["dtype"].type = DT_FLOAT
    pool = graph.node.add(name=frozen_archive.POOL_NODE, op="AvgPool", input=["input"])
    pool.attr["T"].type = DT_FLOAT
    pool.attr["ksize"].list.i.extend([1, 128, 128, 1])
    pool.attr["strides"].list.i.extend([1, 1, 1, 1])
    pool.attr["padding"].s = b"VALID"
    return graph


def add_text(graph: GraphDef, name: str, text: str) -> None:
    tensor_proto = graph.node.add(name=name, op="Const").attr
    tensor_proto["dtype"].type = DT_STRING
    tensor_proto["value"].tensor.dtype = DT_STRING
    tensor_proto["value"].tensor.tensor_shape.SetInParent()
    tensor_proto["value"].tensor.string_val.append(text.encode())


def test_a_graph_with_the_nodes_is_enough(tmp_path: Path) -> None:
    frozen = frozen_archive.make(SMALL, written(tmp_path, archive_with(tiny_graph())))
    assert frozen.feature_size == 3


def test_only_what_the_features_need_is_kept(tmp_path: Path) -> None:
    graph = tiny_graph()
    add_text(graph, "poem", "no picture needs this")
    frozen = frozen_archive.make(SMALL, written(tmp_path, archive_with(graph)))
    assert "poem" not in {node.name for node in frozen.graph.node}


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_an_interrupted_download_is_named_with_the_remedy(
    good: bytes, tmp_path: Path, share: float
) -> None:
    path = written(tmp_path, good[: int(share * len(good))])
    with pytest.raises(ModelError, match=NAMED) as caught:
        frozen_archive.make(SMALL, path)
    assert "Delete it" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<html>blocked</html>", id="a web page"),
        pytest.param(gzip.compress(b"no tar at all"), id="compressed text"),
        pytest.param(gzip.compress(b""), id="compressed nothing"),
        pytest.param(gzip.compress(os.urandom(2048)), id="compressed noise"),
        pytest.param(archive_of({}), id="an empty archive"),
        pytest.param(archive_of({"net/labels.txt": b"cat"}), id="no graph"),
        pytest.param(archive_of({"net/frozen_graph.pb": b""}), id="an empty graph"),
        pytest.param(archive_of({"net/frozen_graph.pb": b"\xff" * 99}), id="garbage"),
        pytest.param(archive_of({"net/frozen_graph.pb": b"<html></html>"}), id="text"),
        pytest.param(archive_with(GraphDef()), id="no nodes"),
    ],
)
def test_what_holds_no_graph_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelError, match=NAMED):
        frozen_archive.make(SMALL, written(tmp_path, content))


def test_an_archive_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=NAMED + "no such file"):
        frozen_archive.make(SMALL, tmp_path / ARCHIVE)


def test_a_byte_changed_inside_is_noticed(good: bytes, tmp_path: Path) -> None:
    middle = len(good) // 2
    path = written(tmp_path, good[:middle] + bytes([good[middle] ^ 0xFF]) + good[middle + 1 :])
    with pytest.raises(ModelError, match=NAMED):
        frozen_archive.make(SMALL, path)


def test_the_archive_of_another_size_is_noticed(good: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, good)
    with pytest.raises(ModelError, match=NAMED + "its graph does not run at 224 pixels"):
        frozen_archive.make(find_backbone("mobilenet_0.25_224"), path)


def test_a_network_of_another_width_is_noticed(good: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, good)
    spec = replace(SMALL, name="mobilenet_0.50_128", feature_size=512)
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelError, match=NAMED + "the network in it has 256 features, .* has 512"):
        compile_backbone(spec, path, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def link(info: tarfile.TarInfo) -> None:
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/hostname"


def device(info: tarfile.TarInfo) -> None:
    info.type = tarfile.CHRTYPE


def hole(info: tarfile.TarInfo) -> None:
    info.pax_headers = {"GNU.sparse.size": str(1 << 40), "GNU.sparse.map": "0,0"}


def pages_of_nothing(info: tarfile.TarInfo) -> None:
    info.size = 1 << 40


@pytest.mark.parametrize("spoil", [link, device, hole, pages_of_nothing])
def test_a_member_that_is_no_plain_file_is_not_followed(
    tmp_path: Path, spoil: Callable[[tarfile.TarInfo], None]
) -> None:
    info = tarfile.TarInfo("net/frozen_graph.pb")
    spoil(info)
    content = gzip.compress(info.tobuf(tarfile.PAX_FORMAT) + bytes(1024))
    with pytest.raises(ModelError, match=NAMED):
        frozen_archive.make(SMALL, written(tmp_path, content))


def header_of_size(size: int) -> bytes:
    """A tar header with a size that is negative where it says so, as no tool writes it."""
    header = bytearray(tarfile.TarInfo("net/labels.txt").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = size.to_bytes(12, "big", signed=True)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def test_a_header_that_points_backwards_ends(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(header_of_size(0) + header_of_size(-512) + bytes(1024)))
    with pytest.raises(ModelError, match=NAMED):
        frozen_archive.make(SMALL, path)


def test_a_small_file_cannot_fill_the_memory(tmp_path: Path) -> None:
    page = gzip.compress(bytes(1 << 20))
    path = written(tmp_path, page * ((frozen_archive.MAX_BYTES >> 20) + 1))
    with pytest.raises(ModelError, match="more than 268,435,456 bytes in it"):
        frozen_archive.make(SMALL, path)


def test_nothing_is_unpacked(tmp_path: Path) -> None:
    inner = tmp_path / "models"
    inner.mkdir()
    members = {
        "../outside.txt": b"x",
        str(tmp_path / "absolute.txt"): b"x",
        "net/frozen_graph.pb": tiny_graph().SerializeToString(),
    }
    frozen_archive.make(SMALL, written(inner, archive_of(members)))
    assert [path.name for path in tmp_path.rglob("*.*")] == [ARCHIVE]


def test_a_graph_that_writes_files_never_runs(tmp_path: Path) -> None:
    graph = tiny_graph()
    add_text(graph, "name", str(tmp_path / "written.txt"))
    add_text(graph, "text", "gotcha")
    graph.node.add(name="write", op="WriteFile", input=["name", "text"])
    graph.node[1].input.append("^write")
    with pytest.raises(ModelError, match="runs WriteFile, which can write to this machine's files"):
        frozen_archive.make(SMALL, written(tmp_path, archive_with(graph)))
    assert not (tmp_path / "written.txt").exists()


@pytest.mark.parametrize("entry", ["nowhere", "input:7", "", "^nowhere"])
def test_nodes_that_do_not_fit_together_are_refused(tmp_path: Path, entry: str) -> None:
    graph = tiny_graph()
    graph.node[1].input[0] = entry
    with pytest.raises(ModelError, match=NAMED):
        frozen_archive.make(SMALL, written(tmp_path, archive_with(graph)))


def test_a_network_that_litert_cannot_run_is_refused(tmp_path: Path) -> None:
    graph = tiny_graph()
    digamma = graph.node.add(name="digamma", op="Digamma", input=["input"])
    digamma.attr["T"].type = DT_FLOAT
    graph.node[1].input[0] = "digamma"
    path = written(tmp_path, archive_with(graph))
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelError, match=NAMED + "this network cannot be converted"):
        compile_backbone(SMALL, path, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("name", ["conv", "_conv_stem.weight"])
def test_the_weights_of_another_network_are_refused(tmp_path: Path, name: str) -> None:
    state = state_dict({name: tensor(storage("0", 6), (6,), (1,))})
    path = tmp_path / "weights.pth"
    path.write_bytes(legacy_file(state, {"0": np.zeros(6, "<f4")}))
    with pytest.raises(ModelError, match=r"weights\.pth: '_conv_stem' .* efficientnet_lite0's"):
        efficientnet_lite.make(LITE0, path)


def test_the_weights_of_a_larger_lite_are_refused() -> None:
    weights = lite_weights("efficientnet_lite1")
    with pytest.raises(ModelError, match=r"lite1-77cc7160\.pth: '_blocks\.3\._"):
        efficientnet_lite.make(LITE0, weights)

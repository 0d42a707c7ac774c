"""MobileNet v1 from the archives of 2017 that the codelab downloads: NAME/frozen_graph.pb."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from google.protobuf.message import DecodeError

from poets.backbones.compile import FrozenBackbone, freeze, run_graph
from poets.backbones.quiet_tensorflow import tf
from poets.backbones.spec import INPUT_NODE, BackboneSpec
from poets.backbones.weights_file import read_weights
from poets.errors import ModelError
from poets.graph_ops import check_ops

GRAPH_MEMBER = "frozen_graph.pb"
QUANTIZED_MEMBER = "quantized_graph.pb"  # the same with the large weights in 8 bits
POOL_NODE = "MobilenetV1/Logits/AvgPool_1a/AvgPool"
MAX_BYTES = 1 << 28  # unpacked; the largest of these archives has 100 MB in it
_NO_ARCHIVE = "it is no .tgz archive, or damaged"
_HINT = "Delete it; it is downloaded again where there is a network."


def make(spec: BackboneSpec, archive: Path) -> FrozenBackbone:
    """Freeze the graph in `archive` up to its average pool, for any number of pictures.

    For a quantized spec that is the archive's quantized graph, else its float one. Raises
    ModelError naming the archive where it is broken or holds another network.
    """
    graph = read_archive(archive, quantized=spec.quantized)
    missing = {INPUT_NODE, POOL_NODE} - {node.name for node in graph.node}
    if missing:
        raise broken(archive, f"its graph has no node '{min(missing)}'")
    check_ops(graph, archive, _HINT)

    def features(image: tf.Tensor) -> tf.Tensor:
        pool = run_graph(graph, image, POOL_NODE)
        return tf.squeeze(pool, [1, 2])

    try:
        return freeze(features, spec.preprocess)
    # What TensorFlow says of a graph whose nodes do not fit together.
    except (ModelError, ValueError, TypeError, KeyError, tf.errors.OpError) as error:
        size = f"{spec.preprocess.width} pixels"
        raise broken(archive, f"its graph does not run at {size}") from error


def read_archive(archive: Path, *, quantized: bool = False) -> tf.compat.v1.GraphDef:
    """Parse the archive's graph in memory, where asked for and there the quantized one.

    Nothing is unpacked, nothing of it runs. Raises ModelError naming the archive where there is
    no graph that can be read.
    """
    wanted = (QUANTIZED_MEMBER, GRAPH_MEMBER) if quantized else (GRAPH_MEMBER,)
    member, content = find_member(archive, wanted)
    try:
        graph = tf.compat.v1.GraphDef.FromString(content)
    except DecodeError as error:
        raise broken(archive, f"its {member} is no graph") from error
    return graph


def find_member(archive: Path, wanted: Sequence[str]) -> tuple[str, bytes]:
    """Return name and content of the first of the `wanted` files that is in a .tgz.

    Raises ModelError naming the archive where it is broken or has none of them.
    """
    members = _read_members(archive, _decompress(archive), set(wanted))
    for name in wanted:
        if name in members:
            return name, members[name]
    raise broken(archive, f"there is no {wanted[-1]} in it")


def _decompress(archive: Path) -> bytes:
    packed = io.BytesIO(read_weights(archive, MAX_BYTES, _HINT))
    try:
        content = gzip.GzipFile(fileobj=packed).read(MAX_BYTES + 1)
    except EOFError as error:
        raise broken(archive, "it is truncated") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise broken(archive, _NO_ARCHIVE) from error
    if len(content) > MAX_BYTES:
        raise broken(archive, f"there are more than {MAX_BYTES:,} bytes in it")
    return content


def _read_members(archive: Path, content: bytes, wanted: set[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        # A stream cannot be sent backwards, so no header can make this go round for ever.
        with tarfile.open(fileobj=io.BytesIO(content), mode="r|") as tar:
            for member in tar:
                name = PurePosixPath(member.name).name
                if name in wanted - found.keys() and member.isreg():
                    found[name] = _read_member(tar, member)
    # Hostile headers make tarfile raise nearly anything.
    except Exception as error:
        raise broken(archive, _NO_ARCHIVE) from error
    return found


def _read_member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.issparse() or member.size > MAX_BYTES:  # holes need no bytes in the archive
        raise tarfile.ReadError("sparse or too large")
    file = tar.extractfile(member)
    return file.read() if file else b""


def broken(archive: Path, reason: str) -> ModelError:
    """Return the error that names the archive and the remedy."""
    return ModelError(f"{archive}: {reason}.", hint=_HINT)

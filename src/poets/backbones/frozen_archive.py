"""MobileNet v1 from the archives of 2017 that the codelab downloads: NAME/frozen_graph.pb."""

import gzip
import io
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from google.protobuf.message import DecodeError

from poets.backbones.compile import FrozenBackbone, freeze, run_graph
from poets.backbones.compiled import INPUT_NODE
from poets.backbones.quiet_tensorflow import tf
from poets.backbones.spec import BackboneSpec
from poets.backbones.weights_file import read_weights
from poets.errors import ModelError
from poets.graph_ops import check_ops

GRAPH_MEMBER = "frozen_graph.pb"
POOL_NODE = "MobilenetV1/Logits/AvgPool_1a/AvgPool"
MAX_BYTES = 1 << 28  # unpacked; the largest of these archives has 100 MB in it
_NO_ARCHIVE = "it is no .tgz archive, or damaged"
_HINT = "Delete it; it is downloaded again where there is a network."


def make(spec: BackboneSpec, archive: Path) -> FrozenBackbone:
    """Freeze the graph in `archive` up to its average pool, for any number of pictures.

    Raises ModelError naming the archive where it is broken or holds another network.
    """
    graph = read_archive(archive)
    missing = {INPUT_NODE, POOL_NODE} - {node.name for node in graph.node}
    if missing:
        raise _broken(archive, f"its graph has no node '{min(missing)}'")
    check_ops(graph, archive, _HINT)

    def features(image: tf.Tensor) -> tf.Tensor:
        pool = run_graph(graph, image, POOL_NODE)
        return tf.squeeze(pool, [1, 2])

    try:
        return freeze(features, spec.preprocess)
    # What TensorFlow says of a graph whose nodes do not fit together.
    except (ModelError, ValueError, TypeError, KeyError, tf.errors.OpError) as error:
        size = f"{spec.preprocess.width} pixels"
        raise _broken(archive, f"its graph does not run at {size}") from error


def read_archive(archive: Path) -> tf.compat.v1.GraphDef:
    """Parse the archive's graph in memory; nothing is unpacked, nothing of it runs.

    Raises ModelError naming the archive where there is none that can be read.
    """
    content = _find_member(archive, _decompress(archive))
    try:
        graph = tf.compat.v1.GraphDef.FromString(content)
    except DecodeError as error:
        raise _broken(archive, f"its {GRAPH_MEMBER} is no graph") from error
    return graph


def _decompress(archive: Path) -> bytes:
    packed = io.BytesIO(read_weights(archive, MAX_BYTES, _HINT))
    try:
        content = gzip.GzipFile(fileobj=packed).read(MAX_BYTES + 1)
    except EOFError as error:
        raise _broken(archive, "it is truncated") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise _broken(archive, _NO_ARCHIVE) from error
    if len(content) > MAX_BYTES:
        raise _broken(archive, f"there are more than {MAX_BYTES:,} bytes in it")
    return content


def _find_member(archive: Path, content: bytes) -> bytes:
    try:
        # A stream cannot be sent backwards, so no header can make this go round for ever.
        with tarfile.open(fileobj=io.BytesIO(content), mode="r|") as tar:
            for member in tar:
                if PurePosixPath(member.name).name == GRAPH_MEMBER and member.isreg():
                    return _read_member(tar, member)
    # Hostile headers make tarfile raise nearly anything.
    except Exception as error:
        raise _broken(archive, _NO_ARCHIVE) from error
    raise _broken(archive, f"there is no {GRAPH_MEMBER} in it")


def _read_member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.issparse() or member.size > MAX_BYTES:  # holes need no bytes in the archive
        raise tarfile.ReadError("sparse or too large")
    file = tar.extractfile(member)
    return file.read() if file else b""


def _broken(archive: Path, reason: str) -> ModelError:
    return ModelError(f"{archive}: {reason}.", hint=_HINT)

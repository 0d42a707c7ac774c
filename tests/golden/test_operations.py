"""What the check of a graph's operations relies on, asked of TensorFlow itself."""

from functools import partial
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT
from tensorflow.core.framework.op_def_pb2 import OpList
from tensorflow.python.client.pywrap_tf_session import TF_GetAllOpList, TF_GetBuffer

from poets.backbones.compile import freeze
from poets.backbones.frozen_archive import read_archive
from poets.backbones.quiet_tensorflow import keras, tf
from poets.graph_ops import ALLOWED_OPS, check_ops
from poets.preprocess import Preprocess

# What TensorFlow calls stateful, and lives no longer than a run: random generators, lists, and
# calls of functions, which are looked into; assertions are so called that nothing prunes them.
STATE_OF_ONE_RUN = (
    *("Random", "TruncatedNormal", "TensorArray", "StatelessRandomGetAlg"),
    *("If", "Case", "While", "StatefulPartitionedCall"),
    *("Assert", "CheckNumerics", "GuaranteeConst"),
)


@pytest.fixture(scope="module")
def registered() -> dict[str, bool]:
    """Each operation that TensorFlow has, and whether it keeps or changes anything."""
    ops = OpList.FromString(bytes(TF_GetBuffer(TF_GetAllOpList()))).op
    return {op.name: op.is_stateful for op in ops}


def test_every_allowed_operation_exists(registered: dict[str, bool]) -> None:
    assert sorted(ALLOWED_OPS - registered.keys()) == []


def test_no_allowed_operation_leaves_anything_behind(registered: dict[str, bool]) -> None:
    stateful = {op for op in ALLOWED_OPS if registered[op]}
    assert sorted(op for op in stateful if not op.startswith(STATE_OF_ONE_RUN)) == []


@pytest.mark.parametrize("name", ["mobilenet_v1_0.25_128", "mobilenet_v1_1.0_224"])
def test_the_codelabs_archives_may_run(shared: Path, name: str) -> None:
    archive = shared / "models" / f"{name}_frozen.tgz"
    check_ops(read_archive(archive), archive)


@pytest.mark.parametrize("network", ["MobileNetV3Small"])
def test_the_networks_of_keras_may_run(network: str) -> None:
    model = getattr(keras.applications, network)(weights=None, include_top=False, pooling="avg")
    frozen = freeze(partial(model, training=False), Preprocess(224, 224, 0.0, 1.0))
    check_ops(frozen.graph, Path(network))


def schema(message: Descriptor) -> dict[str, list[tuple[int, str, int]]]:
    """Return number, name and type of every field of a message and of those inside it."""
    fields: dict[str, list[tuple[int, str, int]]] = {}
    waiting = [message]
    while waiting:
        descriptor = waiting.pop()
        if descriptor.name not in fields:
            fields[descriptor.name] = [(f.number, f.name, f.type) for f in descriptor.fields]
            waiting += [f.message_type for f in descriptor.fields if f.message_type]
    return fields


def test_tensorflow_reads_no_field_that_the_check_does_not_see() -> None:
    assert schema(GraphDef.DESCRIPTOR) == schema(tf.compat.v1.GraphDef.DESCRIPTOR)


def graph_with_function(name: str) -> GraphDef:
    """A graph with one function, which returns the number 2."""
    graph = GraphDef()
    function = graph.library.function.add()
    function.signature.name = name
    function.signature.output_arg.add(name="two", type=DT_FLOAT)
    function.ret["two"] = "constant:output:0"
    constant = function.node_def.add(name="constant", op="Const")
    constant.attr["dtype"].type = DT_FLOAT
    constant.attr["value"].tensor.dtype = DT_FLOAT
    constant.attr["value"].tensor.tensor_shape.SetInParent()
    constant.attr["value"].tensor.float_val.append(2.0)
    return graph


def run(graph: GraphDef, output: str) -> float:
    graph_def = tf.compat.v1.GraphDef.FromString(graph.SerializeToString())
    with tf.Graph().as_default() as imported:
        tf.compat.v1.import_graph_def(graph_def, name="")
        with tf.compat.v1.Session(graph=imported) as session:
            return float(session.run(output))


def test_a_function_cannot_take_the_name_of_an_operation() -> None:
    graph = graph_with_function("my_function")
    graph.node.add(name="call", op="my_function")
    assert run(graph, "call:0") == 2.0
    graph = graph_with_function("WriteFile")
    graph.node.add(name="call", op="WriteFile")
    with pytest.raises(ValueError, match="an op with the same name already exists"):
        run(graph, "call:0")

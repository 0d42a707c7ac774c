"""Which graphs may run: those whose every operation only computes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto.graph_pb2 import GraphDef

from poets.errors import ModelError
from poets.graph_ops import ALLOWED_OPS, check_ops

STRANGE = Path("strange.pb")
INCEPTION_2015 = (
    "Const DecodeJpeg Cast ExpandDims ResizeBilinear Sub Mul Conv2D CheckNumerics Identity Relu"
    " BatchNormWithGlobalNormalization MaxPool AvgPool Concat Reshape MatMul BiasAdd Softmax"
)
MOBILENET_2018 = (
    "Placeholder Const Identity Conv2D DepthwiseConv2dNative FusedBatchNorm Relu6 Add AvgPool"
    " Squeeze Shape Reshape Softmax FakeQuantWithMinMaxVars PlaceholderWithDefault"
)
KERAS_TODAY = (
    "Placeholder Const NoOp Identity Conv2D FusedBatchNormV3 AddV2 Mul Rsqrt Relu6 Mean MatMul"
    " StatefulPartitionedCall PartitionedCall StatelessIf While Pad Sigmoid SelectV2 StridedSlice"
)


def graph_of(*ops: str) -> GraphDef:
    graph = GraphDef()
    for i, op in enumerate(ops):
        graph.node.add(name=f"node_{i}", op=op)
    return graph


def graph_with_function(name: str, *ops: str) -> GraphDef:
    graph = graph_of("Placeholder")
    function = graph.library.function.add()
    function.signature.name = name
    for i, op in enumerate(ops):
        function.node_def.add(name=f"inner_{i}", op=op)
    return graph


@pytest.mark.parametrize("ops", [INCEPTION_2015, MOBILENET_2018, KERAS_TODAY, ""])
def test_the_graphs_of_image_classifiers_may_run(ops: str) -> None:
    check_ops(graph_of(*ops.split()), STRANGE)


@pytest.mark.parametrize(
    ("op", "reason"),
    [
        ("WriteFile", "can write to this machine's files"),
        ("SaveV2", "can write to this machine's files"),
        ("MergeV2Checkpoints", "can write to this machine's files"),
        ("PrintV2", "can write to this machine's files"),
        ("DebugIdentityV3", "can write to this machine's files"),
        ("CreateSummaryFileWriter", "can write to this machine's files"),
        ("ReadFile", "can read this machine's files"),
        ("MatchingFiles", "can read this machine's files"),
        ("RestoreV2", "can read this machine's files"),
        ("ImmutableConst", "can read this machine's files"),
        ("WholeFileReaderV2", "can read this machine's files"),
        ("TFRecordDataset", "can read this machine's files"),
        ("InitializeTableFromTextFileV2", "can read this machine's files"),
        ("PyFunc", "can run Python code"),
        ("EagerPyFunc", "can run Python code"),
        ("PyFuncStateless", "can run Python code"),
        ("RpcCall", "can reach the network"),
        ("RemoteCall", "can reach the network"),
        ("_Send", "can reach the network"),
        ("DataServiceDatasetV4", "can reach the network"),
        ("VariableV2", "needs variables: the graph is not frozen"),
        ("VarHandleOp", "needs variables: the graph is not frozen"),
        ("ReadVariableOp", "needs variables: the graph is not frozen"),
        ("Abort", "is not known to be harmless"),
        ("XlaLaunch", "is not known to be harmless"),
        ("SymbolicGradient", "is not known to be harmless"),
        ("writefile", "is not known to be harmless"),
    ],
)
def test_whatever_does_more_than_compute_is_refused_with_the_reason(op: str, reason: str) -> None:
    with pytest.raises(ModelError) as caught:
        check_ops(graph_of("Placeholder", "Conv2D", op, "Softmax"), STRANGE)
    assert str(caught.value) == f"strange.pb runs {op}, which {reason}. Refused."
    assert caught.value.hint == "If you made this graph yourself: --trust_graph."


def test_the_remedy_is_the_callers() -> None:
    with pytest.raises(ModelError) as caught:
        check_ops(graph_of("ReadFile"), STRANGE, "Delete it.")
    assert caught.value.hint == "Delete it."


def test_functions_are_looked_into_called_or_not() -> None:
    check_ops(graph_with_function("__inference_1", "Conv2D", "Relu"), STRANGE)
    with pytest.raises(ModelError, match="runs WriteFile"):
        check_ops(graph_with_function("__inference_1", "Conv2D", "WriteFile"), STRANGE)


def test_a_node_may_call_a_function_of_the_graph_by_its_name() -> None:
    graph = graph_with_function("my_block", "Conv2D")
    graph.node.add(name="call", op="my_block")
    check_ops(graph, STRANGE)
    with pytest.raises(ModelError, match="runs my_block"):
        check_ops(graph_of("my_block"), STRANGE)


def test_an_attribute_cannot_call_what_a_node_may_not() -> None:
    graph = graph_with_function("my_block", "Conv2D")
    call = graph.node.add(name="call", op="PartitionedCall")
    call.attr["f"].func.name = "my_block"
    check_ops(graph, STRANGE)
    call.attr["f"].func.name = "WriteFile"
    with pytest.raises(ModelError, match="runs WriteFile"):
        check_ops(graph, STRANGE)


def test_a_list_of_branches_cannot_either() -> None:
    graph = graph_with_function("my_block", "Conv2D")
    case = graph.node.add(name="case", op="Case")
    case.attr["branches"].list.func.add(name="my_block")
    check_ops(graph, STRANGE)
    case.attr["branches"].list.func.add(name="ReadFile")
    with pytest.raises(ModelError, match="runs ReadFile"):
        check_ops(graph, STRANGE)


@given(op=st.text(max_size=200).filter(lambda op: op not in ALLOWED_OPS))
def test_any_other_name_is_refused_in_a_line_that_a_terminal_can_show(op: str) -> None:
    with pytest.raises(ModelError) as caught:
        check_ops(graph_of(op), STRANGE)
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()

"""Where graphs from elsewhere begin and end, told from their nodes alone."""

import numpy as np
import pytest
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.types_pb2 import DT_BOOL, DT_FLOAT, DT_INT32, DT_STRING, DT_UINT8
from tensorboard.util.tensor_util import make_tensor_proto

from poets.errors import ModelError
from poets.runtimes.assume import CODELAB, INCEPTION, PIXELS, SHARES, Scale
from poets.runtimes.cut import cut
from poets.runtimes.ends import Ends, find_ends
from poets.runtimes.nodes import Nodes, shape_of
from poets.runtimes.usual import usual_channels, usual_scale, usual_size

Shape = tuple[int, ...]


class Graph:
    """A GraphDef, node by node."""

    def __init__(self) -> None:
        self.proto = GraphDef()

    def add(self, op: str, name: str, *inputs: str) -> NodeDef:
        return self.proto.node.add(op=op, name=name, input=inputs)

    def placeholder(
        self, name: str, shape: Shape | None = (-1, 8, 8, 3), dtype: int = DT_FLOAT
    ) -> NodeDef:
        node = self.add("Placeholder", name)
        node.attr["dtype"].type = dtype
        for size in shape or ():
            node.attr["shape"].shape.dim.add(size=size)
        return node

    def number(self, name: str, *values: float) -> NodeDef:
        node = self.add("Const", name)
        value = np.array(values if len(values) > 1 else values[0], np.float32)
        node.attr["value"].tensor.CopyFrom(make_tensor_proto(value))
        return node

    def classifier(self, entry: str, name: str = "final_result") -> "Graph":
        self.add("Conv2D", f"{name}/conv", entry)
        self.add("Softmax", name, f"{name}/conv")
        return self

    def ends(self, source: str | None = None, sink: str | None = None) -> Ends:
        return find_ends(Nodes(self.proto), source, sink)

    def scale(self) -> Scale:
        return usual_scale(Nodes(self.proto), self.ends().source)


def graph_with(name: str, shape: Shape | None = (-1, 8, 8, 3), dtype: int = DT_FLOAT) -> Graph:
    graph = Graph()
    graph.placeholder(name, shape, dtype)
    return graph.classifier(name)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((1, 224, 224, 3), DT_FLOAT),
        ((-1, -1, -1, 3), DT_FLOAT),
        ((-1, -1, -1, -1), DT_FLOAT),
        (None, DT_FLOAT),
        ((1, 8, 8, 3), DT_UINT8),
        ((-1, 8, 8, 1), DT_FLOAT),
    ],
)
def test_the_only_input_that_can_take_pictures_takes_them(shape: Shape, dtype: int) -> None:
    assert graph_with("whatever", shape, dtype).ends().source.name == "whatever"


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((-1, 2048), DT_FLOAT),
        ((-1, 8, 8, 2), DT_FLOAT),
        ((-1, 3, 8, 8), DT_FLOAT),
        ((-1, 8, 8, 3), DT_BOOL),
        (None, DT_STRING),
    ],
)
def test_what_takes_no_pictures_is_no_input(shape: Shape, dtype: int) -> None:
    with pytest.raises(ModelError, match=r"which node is its input \(none") as caught:
        graph_with("whatever", shape, dtype).ends()
    assert caught.value.hint == "Name it with --input_layer."


@pytest.mark.parametrize(("channels", "expected"), [(1, 1), (3, 3), (-1, 3)])
def test_channels_are_three_unless_the_input_says_one(channels: int, expected: int) -> None:
    source = graph_with("whatever", (-1, 8, 8, channels)).ends().source
    assert usual_channels(source) == expected


def test_what_is_gray_beside_a_picture_in_colour_is_not_the_picture() -> None:
    graph = Graph()
    graph.placeholder("mask", (-1, 8, 8, 1))
    graph.placeholder("picture")
    graph.add("Mul", "masked", "mask", "picture")
    with pytest.raises(ModelError, match="a value for 'mask' too"):
        graph.classifier("masked").ends()


def test_of_several_inputs_the_codelabs_name_is_taken() -> None:
    graph = Graph()
    graph.placeholder("other")
    graph.placeholder("input")
    graph.add("Add", "sum", "other", "input")
    with pytest.raises(ModelError, match="a value for 'other' too"):
        graph.classifier("sum").ends()


def test_two_that_could_be_it_are_named() -> None:
    graph = Graph()
    graph.placeholder("left")
    graph.placeholder("right")
    graph.add("Add", "sum", "left", "right")
    with pytest.raises(ModelError, match=r"\(left, right\)|\(right, left\)"):
        graph.classifier("sum").ends()


def test_an_input_that_the_scores_do_not_need_is_none() -> None:
    graph = graph_with("picture")
    graph.placeholder("input")
    assert graph.ends().source.name == "picture"


def test_what_is_for_training_is_set_as_labelling_wants_it() -> None:
    graph = Graph()
    graph.placeholder("image")
    graph.placeholder("is_training", None, DT_BOOL)
    graph.placeholder("dropout/keep_prob", None)
    graph.placeholder("drop_rate", None)
    graph.number("one", 1.0)
    graph.add("Sub", "kept", "one", "drop_rate")
    graph.add("Switch", "switch", "image", "is_training")
    graph.add("RealDiv", "divided", "switch", "dropout/keep_prob")
    graph.add("Mul", "multiplied", "divided", "kept")

    ends = graph.classifier("multiplied").ends()

    assert ends.source.name == "image"
    assert dict(ends.settings) == {
        "is_training": False,
        "dropout/keep_prob": 1.0,
        "drop_rate": 0.0,
    }


def test_a_value_that_nobody_can_guess_is_asked_for() -> None:
    graph = graph_with("image")
    graph.placeholder("batch_size", None, DT_INT32)
    graph.proto.node[1].input.append("batch_size")
    with pytest.raises(ModelError, match="a value for 'batch_size' too"):
        graph.ends()


def test_a_bottleneck_with_a_default_is_left_as_it_is() -> None:
    graph = Graph()
    graph.placeholder("input")
    node = graph.add("PlaceholderWithDefault", "input_1/BottleneckInputPlaceholder", "input")
    node.attr["dtype"].type = DT_FLOAT
    node.attr["shape"].shape.dim.add(size=-1)
    node.attr["shape"].shape.dim.add(size=1001)
    assert not graph.classifier(node.name).ends().settings


@pytest.mark.parametrize("told", ["input", "import/input", "input:0", "import/input:0"])
def test_a_layer_may_be_spelled_as_scripts_do(told: str) -> None:
    assert graph_with("input").ends(told, "import/final_result:0").source.name == "input"


def test_a_wrong_name_for_the_input_gets_the_right_one() -> None:
    with pytest.raises(ModelError) as caught:
        graph_with("input").ends("Mul")
    assert str(caught.value) == "--input_layer Mul: the graph has no such node."
    assert caught.value.hint == "Leave it out: the graph's own is 'input'."


def test_a_wrong_name_for_the_output_gets_the_right_one() -> None:
    with pytest.raises(ModelError) as caught:
        graph_with("input").ends(sink="final_results")
    assert caught.value.hint == "Leave it out: the graph's own is 'final_result'."


def test_an_output_that_does_not_hang_on_the_input_is_refused() -> None:
    graph = graph_with("input")
    graph.placeholder("elsewhere")
    with pytest.raises(ModelError, match="'final_result' does not hang on its 'elsewhere'"):
        graph.ends("elsewhere")


def test_the_last_softmax_gives_the_scores() -> None:
    graph = graph_with("input")
    graph.proto.node[-1].name = "Predictions/Softmax"
    graph.add("Reshape", "Predictions/Reshape_1", "Predictions/Softmax")
    graph.add("NoOp", "init")
    assert graph.ends().sink.name == "Predictions/Reshape_1"


def test_two_softmaxes_at_the_end_are_not_clear() -> None:
    graph = graph_with("input").classifier("input", "auxiliary")
    graph.proto.node[2].name = "main"
    with pytest.raises(ModelError, match=r"its output \(main, auxiliary\)"):
        graph.ends()


def test_a_loop_in_the_graph_is_walked_once() -> None:
    graph = graph_with("input")
    graph.proto.node[1].input.append("final_result")
    graph.add("Identity", "a", "b")
    graph.add("Identity", "b", "a")
    assert graph.ends().source.name == "input"
    assert graph.scale() == CODELAB


@pytest.mark.parametrize(
    ("steps", "scale"),
    [
        ([], CODELAB),
        ([("Mul", 1 / 255)], PIXELS),
        ([("RealDiv", 255.0)], PIXELS),
        ([("Div", 127.5), ("Sub", 1.0)], PIXELS),
        ([("Sub", 127.5), ("Mul", 1 / 127.5)], PIXELS),
        ([("Identity", None), ("Mul", 0.0078125)], PIXELS),
        ([("Mul", 2.0), ("Sub", 1.0)], CODELAB),
        ([("Conv2D", 0.001)], CODELAB),
    ],
)
def test_a_graph_that_scales_pixels_itself_gets_them_as_they_are(
    steps: list[tuple[str, float | None]], scale: Scale
) -> None:
    graph = Graph()
    graph.placeholder("image")
    last = "image"
    for i, (op, number) in enumerate(steps):
        constant = [graph.number(f"number_{i}", number).name] if number is not None else []
        last = graph.add(op, f"step_{i}", last, *constant).name
    assert graph.classifier(last).scale() == scale


def test_a_hub_modules_graph_wants_shares() -> None:
    graph = Graph()
    graph.placeholder("Placeholder")
    graph.add("Conv2D", "module_apply_default/InceptionV3/conv", "Placeholder")
    graph.classifier("module_apply_default/InceptionV3/conv")
    assert graph.scale() == SHARES
    assert graph_with("Placeholder").scale() == CODELAB


def test_inceptions_mul_is_fed_behind_its_decoder() -> None:
    graph = Graph()
    graph.add("DecodeJpeg", "DecodeJpeg")
    graph.add("ResizeBilinear", "ResizeBilinear", "DecodeJpeg")
    graph.add("Mul", "Mul", "ResizeBilinear")
    ends = graph.classifier("Mul").ends()
    assert ends.source.name == "Mul"
    assert graph.scale() == INCEPTION
    assert usual_size(Nodes(graph.proto), ends.source) == ((299, 299), False)


def test_mul_is_nothing_special_in_another_graph() -> None:
    graph = Graph()
    graph.placeholder("image")
    graph.add("Mul", "Mul", "image")
    assert graph.classifier("Mul").ends().source.name == "image"


def test_another_graphs_decoder_is_left_out_too() -> None:
    graph = Graph()
    graph.placeholder("jpeg", None, DT_STRING)
    graph.add("DecodeJpeg", "decoded", "jpeg")
    graph.number("size", 150, 200)
    graph.add("ResizeBilinear", "resized", "decoded", "size")
    ends = graph.classifier("resized").ends()
    assert ends.source.name == "resized"
    assert graph.scale() == PIXELS
    assert usual_size(Nodes(graph.proto), ends.source) == ((150, 200), True)


@pytest.mark.parametrize(
    ("shape", "size", "sure"),
    [
        ((1, 128, 160, 3), (128, 160), True),
        ((-1, -1, -1, 3), (224, 224), False),
        (None, (224, 224), False),
    ],
)
def test_the_size_is_the_graphs_else_the_codelabs(
    shape: Shape | None, size: tuple[int, int], *, sure: bool
) -> None:
    graph = graph_with("input", shape)
    assert usual_size(Nodes(graph.proto), graph.ends().source) == (size, sure)


def test_what_is_cut_out_takes_batches_and_holds_nothing_else() -> None:
    graph = Graph()
    graph.placeholder("input", (1, 8, 8, 3))
    graph.placeholder("is_training", None, DT_BOOL)
    graph.add("Switch", "switch", "input", "is_training")
    graph.classifier("switch")
    graph.add("ReadFile", "unused")
    graph.proto.node[-2].device = "/job:worker/device:GPU:1"
    graph.proto.versions.producer = 21

    part = cut(graph.proto, graph.ends(), (8, 8, 3), batch=-1)

    by_name = {node.name: node for node in part.node}
    assert sorted(by_name) == [
        "final_result",
        "final_result/conv",
        "input",
        "is_training",
        "switch",
    ]
    assert shape_of(by_name["input"]) == (-1, 8, 8, 3)
    assert by_name["is_training"].op == "Const"
    assert not by_name["is_training"].attr["value"].tensor.bool_val[0]
    assert part.versions.producer == 21
    assert not any(node.device for node in part.node)  # nobody else has that GPU
    assert shape_of(graph.proto.node[0]) == (1, 8, 8, 3)


def test_a_hostile_constant_is_not_unfolded() -> None:
    graph = Graph()
    graph.placeholder("image")
    tensor = graph.number("huge", 1.0).attr["value"].tensor
    tensor.ClearField("tensor_content")
    tensor.tensor_shape.dim.add(size=1 << 40)
    tensor.float_val.append(1.0)
    graph.add("Mul", "scaled", "image", "huge")
    assert graph.classifier("scaled").scale() == CODELAB

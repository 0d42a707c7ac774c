"""The codelab's small scripts, run from the top folder as it says."""

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT

from poets.export.frozen_graph import manifest_of, read_graph
from poets.manifest import read_zip_manifest
from poets.picture import show_image
from tests.support.commands import TOP, Output, run_in
from tests.support.desk import Desk, contents, refusal
from tests.support.pictures import encoded, gradient, noisy


def script(name: str, *arguments: str | Path) -> Output:
    return run_in(TOP, "python", "-m", f"scripts.{name}", *arguments)


def test_count_ops_counts_the_nodes(used_desk: Desk) -> None:
    graph = read_graph(used_desk.graph)

    output = script("count_ops", used_desk.graph)

    total, *kinds = output.stdout.splitlines()
    assert int(total) == len(graph.node)
    assert sum(int(line.split()[0].replace(",", "")) for line in kinds) == len(graph.node)
    convolutions = sum(node.op == "Conv2D" for node in graph.node)
    assert f"{convolutions}  Conv2D" in {line.strip() for line in kinds}


@pytest.mark.parametrize(
    ("name", "op", "count"),
    [
        ("retrained_graph.pb", "Conv2D", 14),
        ("retrained_graph.pb", "final_result", 1),
        ("retrained_graph.pb", "MatMul", 1),
        ("retrained_graph.tflite", "CONV_2D", 14),
        ("retrained_graph.tflite", "SOFTMAX", 1),
        ("retrained_graph.tflite", "final_result", 1),
        ("retrained_graph.pb", "Nonsense", 0),
    ],
)
def test_count_ops_counts_those_of_one_kind_or_name(
    name: str, op: str, count: int, used_desk: Desk
) -> None:
    output = script("count_ops", used_desk.tf_files / name, op)
    assert output.stdout == f"{count}\n"
    assert output.stderr == ""


def test_count_ops_suggests_what_may_be_meant(used_desk: Desk) -> None:
    output = script("count_ops", used_desk.graph, "Conv2d")
    assert output.stdout == "0\n"
    assert output.stderr == "Did you mean 'Conv2D'?\n"


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x1c\x00\x00\x00TFL3 but not really"])
def test_count_ops_says_what_is_no_graph(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "graph.pb").write_bytes(content)
    assert "graph.pb" in refusal(script("count_ops", tmp_path / "graph.pb"), 4)


def test_graph_pb2tb_writes_what_tensorboard_reads(used_desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "new" / "graphs"

    output = script("graph_pb2tb", out, used_desk.graph)

    assert output.returncode == 0, output.stderr
    assert f"poets tensorboard --logdir {out}" in output.stdout
    events = EventAccumulator(str(out)).Reload()
    drawn = GraphDef.FromString(events.Graph().SerializeToString())
    graph = read_graph(used_desk.graph)
    assert [(node.name, node.op) for node in drawn.node] == [(n.name, n.op) for n in graph.node]
    assert sum(path.stat().st_size for path in out.iterdir()) < 500_000  # weights are not drawn


def test_graph_pb2tb_touches_nothing_else_and_replaces_itself(used_desk: Desk) -> None:
    summaries = used_desk.tf_files / "training_summaries" / "train"
    before = contents(summaries)

    for _ in range(2):
        assert script("graph_pb2tb", summaries, used_desk.graph).returncode == 0

    after = contents(summaries)
    assert after.items() >= before.items()
    assert len(after) == len(before) + 1
    assert used_desk.retrain().returncode == 0
    assert set(contents(summaries)) >= set(after) - set(before)


def test_graph_pb2tb_says_where_it_cannot_write(used_desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    said = refusal(script("graph_pb2tb", tmp_path / "taken", used_desk.graph), 2)
    assert "cannot be written" in said
    assert (tmp_path / "taken").read_text() == "mine"


def weights(path: Path) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """The values of a graph's constants."""
    return {
        node.name: np.frombuffer(node.attr["value"].tensor.tensor_content, np.float32)
        for node in read_graph(path).node
        if node.op == "Const" and node.attr["value"].tensor.dtype == DT_FLOAT
    }


def test_the_codelabs_quantize_graph_rounds_weights_so_that_they_pack(used_desk: Desk) -> None:
    rounded = used_desk.tf_files / "rounded_graph.pb"

    output = script(
        "quantize_graph",
        f"--input={used_desk.graph}",
        f"--output={rounded}",
        "--output_node_names=final_result",
        "--mode=weights_rounded",
    )

    assert output.returncode == 0, output.stderr
    before, after = weights(used_desk.graph), weights(rounded)
    assert after.keys() == before.keys()
    for name, values in after.items():
        if values.size < 4096:
            assert values.tobytes() == before[name].tobytes()
        else:
            assert len(np.unique(values)) <= 256
            assert np.abs(values - before[name]).max() <= np.ptp(before[name]) / 256 * 0.501
    packed = [len(gzip.compress(path.read_bytes())) for path in (rounded, used_desk.graph)]
    assert packed[0] < packed[1] * 0.45


def test_weights_of_8_bits_are_a_quarter_of_the_size(used_desk: Desk) -> None:
    packed = used_desk.tf_files / "packed.pb"
    output = script(
        "quantize_graph", "--input", used_desk.graph, "--output", packed, "--mode", "weights"
    )
    assert output.returncode == 0, output.stderr
    assert packed.stat().st_size < used_desk.graph.stat().st_size * 0.45


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("rounded.pb", ()),
        ("packed.pb", ("--mode", "weights")),
        ("small.tflite", ()),
    ],
)
def test_graphs_of_8_bits_still_know_all_about_themselves(
    name: str, mode: tuple[str, ...], used_desk: Desk
) -> None:
    small = used_desk.tf_files / name
    made = script("quantize_graph", "--input", used_desk.graph, "--output", small, *mode)
    assert made.returncode == 0, made.stderr

    manifest = (
        read_zip_manifest(small) if small.suffix == ".tflite" else manifest_of(read_graph(small))
    )
    flags = ("--image_dir", "pictures", "--split", "all", "--no_report")
    output = run_in(used_desk.folder, "poets", "evaluate", small, *flags)

    assert manifest is not None
    assert manifest.test_accuracy is None  # nobody measured it
    assert output.returncode == 0, output.stderr
    assert output.stderr == ""
    assert float(output.stdout.splitlines()[0].removeprefix("Accuracy: ")) >= 0.9


def test_a_tflite_is_made_from_the_graph_beside_it(used_desk: Desk) -> None:
    tflite, small = used_desk.graph.with_suffix(".tflite"), used_desk.tf_files / "small.tflite"

    output = script("quantize_graph", "--input", tflite, "--output", small, "--mode", "eightbit")

    assert output.returncode == 0, output.stderr
    assert small.stat().st_size < tflite.stat().st_size * 0.45
    manifest = read_zip_manifest(small)
    assert manifest is not None
    assert manifest.graph_sha256 == ""  # it does not speak for the graph: its scores are others


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (("--output", "x.tflite", "--mode", "weights_rounded"), 2, "does not make x.tflite"),
        (("--output", "x.pb", "--mode", "eightbit"), 2, "does not make x.pb"),
        (("--output", "x.pb", "--mode", "round"), 2, "round            "),
        (("--output", "x.pb", "--mode", "quantize"), 2, "--mode quantize does not make x.pb"),
        (("--output", "x.txt"), 2, "--mode auto does not make x.txt"),
        (("--output", "x.pb", "--mode", "rounded"), 2, "'rounded' is not one of"),
        (
            ("--output", "x.pb", "--output_node_names", "final_resul"),
            4,
            "Did you mean 'final_result'?",
        ),
        (("--output", "no/such/../../pictures"), 2, "does not make"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is(
    flags: tuple[str, ...], code: int, said: str, used_desk: Desk
) -> None:
    before = contents(used_desk.folder)
    output = run_in(
        used_desk.folder,
        "poets",
        "quantize-graph",
        "--input",
        "tf_files/retrained_graph.pb",
        *flags,
    )
    assert said in refusal(output, code)
    assert contents(used_desk.folder) == before


def test_a_tflite_without_its_graph_cannot_be_made_smaller(used_desk: Desk) -> None:
    alone = Path(shutil.copy(used_desk.graph.with_suffix(".tflite"), used_desk.folder / "a.tflite"))
    said = refusal(
        script("quantize_graph", "--input", alone, "--output", used_desk.folder / "b.tflite"), 4
    )
    assert "a.pb, which it was written with, is not there" in said
    assert not (used_desk.folder / "b.tflite").exists()


ATTRIBUTION = "CC-BY by Päivi <b> - https://www.flickr.com/photos/1@N04/75/"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo with its attribution beside, as flower_photos has it, that was held sideways."""
    folder = tmp_path / "flower_photos" / "daisy"
    folder.mkdir(parents=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    (folder / "75_a.jpg").write_bytes(encoded(gradient(64, 48), "JPEG", exif=exif))
    (folder / "plain.png").write_bytes(encoded(noisy((9, 9, 9), seed=0)))
    lines = ["All images are licensed ...", "", "daisy/75_ab.jpg CC-BY by another"]
    text = "\n".join([*lines, f"daisy/75_a.jpg {ATTRIBUTION}", ""])
    (folder.parent / "LICENSE.txt").write_text(text, "utf-8")
    return folder / "75_a.jpg"


def test_show_image_tells_what_is_known_of_a_photo(photo: Path) -> None:
    output = script("show_image", photo)

    assert output.returncode == 0, output.stderr
    assert output.stdout.splitlines() == [
        str(photo),
        "  label        daisy",
        "  picture      JPEG, 64 x 48 pixels, RGB",
        f"  size         {photo.stat().st_size:,} bytes",
        "  orientation  6, turned upright where it is used",
        f"  attribution  {ATTRIBUTION}",
    ]


def test_show_image_tells_of_several_and_of_those_that_are_none(photo: Path) -> None:
    plain, broken = photo.with_name("plain.png"), photo.with_name("broken.png")
    broken.write_bytes(b"no picture")

    output = script("show_image", plain, broken)

    assert output.returncode == 3
    assert "  orientation  1\n" in output.stdout
    assert "attribution" not in output.stdout
    assert output.stdout.endswith(f"{broken}\n  cannot be read: not a picture\n")


def test_show_image_wants_a_picture(used_desk: Desk) -> None:
    output = run_in(used_desk.folder, "poets", "show-image")
    assert refusal(output, 2) == "Error: no picture named.\n  poets show-image PHOTO ...\n"


def test_a_notebook_shows_the_photo_upright_with_its_attribution(photo: Path) -> None:
    shown = show_image(str(photo))._repr_html_()

    assert shown.startswith('<img src="data:image/jpeg;base64,')
    assert shown.endswith(
        "<div>CC-BY by Päivi &lt;b&gt; - https://www.flickr.com/photos/1@N04/75/</div>"
    )

"""`retrain` as its users run it: what it prints, what it writes, and what it leaves alone."""

import os
import re
from pathlib import Path

import pytest
from tensorboard.compat.proto.graph_pb2 import GraphDef

from poets.labels import read_labels
from poets.manifest import read_zip_manifest
from tests.support.commands import Trained
from tests.support.desk import Desk, contents
from tests.support.pictures import paint_folders

STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}: "
FLOWERS = ("daisy", "dandelion", "rose", "sunflower", "tulip")
FINAL = rf"{STAMP}Final test accuracy = (\d+\.\d)% \(N=(\d+)\)"
EVENTS = r"training_summaries/{}events\.out\.tfevents\.\S+\.poets"


def lines_like(pattern: str, text: str) -> list[str]:
    return [line for line in text.splitlines() if re.fullmatch(pattern, line)]


@pytest.mark.parametrize(
    "pattern",
    [
        r"Looking for images in '.*/flowers'",
        STAMP + r"Step 490: Train accuracy = \d{1,3}\.\d%",
        STAMP + r"Step 490: Cross entropy = \d+\.\d{6}",
        STAMP + r"Step 490: Validation accuracy = \d{1,3}\.\d% \(N=100\)",
        STAMP + r"Step 3999: Train accuracy = \d{1,3}\.\d%",
        STAMP + "100 bottleneck files created.",
        STAMP + "600 bottleneck files created.",
    ],
)
def test_a_line_of_the_codelab_is_on_standard_error_once(pattern: str, trained: Trained) -> None:
    assert len(lines_like(pattern, trained.output.stderr)) == 1
    assert lines_like(pattern, trained.output.stdout) == []


def test_every_tenth_step_is_told_and_the_last(trained: Trained) -> None:
    found = re.findall(rf"^{STAMP}Step (\d+): Train", trained.output.stderr, re.MULTILINE)
    assert [int(step) for step in found] == [*range(0, 4000, 10), 3999]


def test_the_final_test_accuracy_stands_once_in_both_streams_together(trained: Trained) -> None:
    both = trained.output.stdout + trained.output.stderr
    assert both.count("Final test accuracy = ") == 1
    (line,) = lines_like(FINAL, trained.output.stderr)
    share, count = re.fullmatch(FINAL, line).groups()  # type: ignore[union-attr]
    told = f"Test accuracy {share} % (N={count}), 95 % interval "
    assert trained.output.stdout.startswith(told)
    assert float(share) > 65  # of five flowers; guessing gets 20


def test_the_table_counts_every_test_picture_under_its_label(trained: Trained) -> None:
    header, *rows = trained.output.stdout.splitlines()[2:8]
    assert header.split() == [*FLOWERS, "recall"]
    table = {label: cells for label, *cells in map(str.split, rows)}
    assert tuple(table) == FLOWERS
    counts = [int(cell) for cells in table.values() for cell in cells[:-1] if cell != "."]
    (line,) = lines_like(FINAL, trained.output.stderr)
    assert line.endswith(f"(N={sum(counts)})")


def test_what_was_saved_and_what_to_type_next_end_the_output(trained: Trained) -> None:
    saved = trained.output.stdout[trained.output.stdout.index("Saved ") :].splitlines()
    assert [line.removeprefix("Saved").split()[0] for line in saved[:4]] == [
        "tf_files/retrained_graph.pb",
        "tf_files/retrained_graph.tflite",
        "tf_files/retrained_labels.txt",
        "tf_files/report.html",
    ]
    assert saved[5].startswith("Next       label-image PHOTO ...")


def test_nothing_is_written_but_what_was_asked_for(desk: Desk) -> None:
    assert desk.retrain().returncode == 0
    written = {str(p.relative_to(desk.tf_files)) for p in desk.tf_files.rglob("*") if p.is_file()}
    pattern = EVENTS.format("((train|validation|test)/)?")
    events = {name for name in written if re.fullmatch(pattern, name)}
    assert len(events) == 4
    assert written - events == {
        "bottlenecks/features.sqlite",
        "report.html",
        "retrained_graph.pb",
        "retrained_graph.tflite",
        "retrained_labels.txt",
        "training_summaries/projector/features.tsv",
        "training_summaries/projector/pictures.jpg",
        "training_summaries/projector/pictures.tsv",
        "training_summaries/projector_config.pbtxt",
    }
    assert {path.name for path in desk.folder.iterdir()} == {"pictures", "tf_files"}


def test_the_pictures_are_left_as_they_were(desk: Desk) -> None:
    before = contents(desk.pictures)
    assert desk.retrain("--flip_left_right", "--distortion_variants", "1").returncode == 0
    assert contents(desk.pictures) == before


def test_labels_graph_and_manifest_say_the_same(used_desk: Desk) -> None:
    labels = ("blue", "green", "red")
    assert (used_desk.tf_files / "retrained_labels.txt").read_bytes() == b"blue\ngreen\nred\n"
    assert read_labels(used_desk.tf_files / "retrained_labels.txt") == labels
    manifest = read_zip_manifest(used_desk.graph.with_suffix(".tflite"))
    assert manifest is not None
    assert manifest.labels == labels
    nodes = {node.name for node in GraphDef.FromString(used_desk.graph.read_bytes()).node}
    assert {"input", "final_result"} <= nodes


def test_a_second_run_reads_no_picture_and_gives_the_same_bytes(used_desk: Desk) -> None:
    first = used_desk.retrain()  # the copied pictures are new to the cache, their content is not
    results = used_desk.results()
    for path in used_desk.pictures.rglob("*.png"):  # the same size and time, another content
        status = path.stat()
        path.write_bytes(b"#" * status.st_size)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    second = used_desk.retrain(PYTHONHASHSEED="1")

    assert "Features   24 from the cache, 0 new, 0 skipped" in second.stderr
    assert used_desk.results() == results
    assert second.stdout == first.stdout


def test_a_picture_that_is_touched_is_read_again(used_desk: Desk) -> None:
    used_desk.retrain()
    (used_desk.pictures / "red" / "red_000.png").write_bytes(b"no picture any more")
    output = used_desk.retrain()
    assert "Features   23 from the cache, 0 new, 1 skipped" in output.stderr
    assert "red_000.png: not a picture" in output.stderr


def test_the_same_seed_gives_the_same_bytes_in_another_folder(
    used_desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Desk(tmp_path_factory.mktemp("other"), used_desk.models)
    paint_folders(other.pictures, count=8)
    assert other.retrain("--seed", "0", PYTHONHASHSEED="2").returncode == 0
    assert other.results() == used_desk.results()


def test_another_seed_gives_another_graph_and_the_same_labels(used_desk: Desk) -> None:
    before = used_desk.results()
    assert used_desk.retrain("--seed", "1").returncode == 0
    after = used_desk.results()
    same = {name for name in before if before[name] == after[name]}
    assert same == {"retrained_labels.txt"}


def test_flags_may_be_written_with_hyphens(desk: Desk) -> None:
    output = desk.retrain("--how-many-training-steps", "3", "--output-labels", "mine.txt")
    assert "Step 2: Train accuracy" in output.stderr
    assert "Step 3:" not in output.stderr
    assert (desk.folder / "mine.txt").read_text() == "blue\ngreen\nred\n"


def test_a_tilde_is_the_home_folder_behind_an_equals_sign_too(desk: Desk) -> None:
    output = desk.retrain(
        "--image_dir=~/pictures", "--output_graph=~/out/graph.pb", HOME=str(desk.folder)
    )
    assert output.returncode == 0, output.stderr
    assert {path.name for path in (desk.folder / "out").iterdir()} == {
        *("graph.pb", "graph.tflite", "report.html"),
    }
    assert not (desk.folder / "~").exists()


def test_absolute_and_relative_paths_give_the_same_graph(used_desk: Desk) -> None:
    before = used_desk.results()
    (used_desk.folder / "elsewhere").mkdir()
    elsewhere = Desk(used_desk.folder / "elsewhere", used_desk.models)
    assert elsewhere.retrain("--image_dir", used_desk.pictures).returncode == 0
    assert elsewhere.results() == before


def test_the_next_command_names_a_graph_that_is_elsewhere(desk: Desk) -> None:
    output = desk.retrain("--output_graph", "my graphs/one.pb")
    assert "label-image --graph 'my graphs/one.pb' PHOTO ..." in output.stdout


def test_batches_may_be_larger_than_the_data_set_and_intervals_than_the_training(
    desk: Desk,
) -> None:
    sizes = ("--train_batch_size", "1000", "--validation_batch_size", "1000")
    output = desk.retrain(*sizes, "--test_batch_size", "1000", "--eval_step_interval", "1000")
    assert output.returncode == 0, output.stderr
    steps = re.findall(r"Step (\d+): Train", output.stderr)
    assert steps == ["0", "49"]


def test_without_test_pictures_the_accuracy_is_unknown(desk: Desk) -> None:
    output = desk.retrain("--testing_percentage", "0", "--validation_percentage", "0")
    assert output.returncode == 0, output.stderr
    assert output.stdout.startswith("Test accuracy unknown: no pictures were kept for testing")
    assert "Final test accuracy" not in output.stderr
    assert "Validation accuracy" not in output.stderr
    assert "Step 49: Train accuracy" in output.stderr


def test_sixty_labels_are_too_many_for_a_table_so_the_mistakes_are_told(
    first_desk: Desk, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, first_desk.models)
    colours = {f"label_{index:02}": (4 * index, 120, 120) for index in range(60)}
    paint_folders(desk.pictures, 4, colours)
    output = desk.retrain()
    assert output.returncode == 0, output.stderr
    assert len(read_labels(desk.tf_files / "retrained_labels.txt")) == 60
    assert 1 <= output.stdout.count("taken for") <= 10
    assert "recall" not in output.stdout


def test_the_output_node_has_the_name_that_was_asked_for(desk: Desk) -> None:
    assert desk.retrain("--final_tensor_name", "my/scores").returncode == 0
    nodes = {node.name for node in GraphDef.FromString(desk.graph.read_bytes()).node}
    assert "my/scores" in nodes
    assert "final_result" not in nodes


@pytest.mark.parametrize(
    ("verbosity", "told"),
    [
        ("DEBUG", {"Looking", "WARNING", "Step"}),
        ("INFO", {"Looking", "WARNING", "Step"}),
        ("warn", {"WARNING"}),
        ("ERROR", set()),
        ("FATAL", set()),
    ],
)
def test_the_verbosity_chooses_what_is_told(verbosity: str, told: set[str], desk: Desk) -> None:
    output = desk.retrain("--logging_verbosity", verbosity)
    assert output.returncode == 0
    words = ("Looking", "WARNING", "Step")
    assert {word for word in words if word in output.stderr} == told
    assert bool(output.stderr) == bool(told)
    assert "Saved" in output.stdout

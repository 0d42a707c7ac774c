"""label-image on many pictures and with several graphs, and the same from Python."""

import csv
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import poets
from tests.support.commands import COMMANDS, Output, Trained, run_in

LABELS = {"daisy", "dandelion", "rose", "sunflower", "tulip"}


@pytest.fixture(scope="module")
def garden(flowers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six photos, a file that is none, and a name with a space."""
    folder = tmp_path_factory.mktemp("garden")
    for label in ("daisy", "rose"):
        for photo in sorted((flowers / label).iterdir())[:3]:
            shutil.copy(photo, folder / f"{label} {photo.name}")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    return folder


def label(trained: Trained, *arguments: str | Path) -> Output:
    return run_in(trained.folder, "label-image", *arguments)


def test_a_folder_is_labelled_and_a_bad_file_in_it_stops_nothing(
    trained: Trained, garden: Path
) -> None:
    output = label(trained, garden)

    assert output.returncode == 3
    lines = output.stdout.splitlines()
    assert len(lines) == 7
    assert sum(" daisy " in line.split(".jpg", 1)[1] + " " for line in lines) >= 2
    assert [line for line in lines if "cannot be read" in line and "broken.jpg" in line]
    assert output.stderr.strip() == "6 labelled, 1 could not be read"


def test_json_json_lines_and_csv_say_the_same(trained: Trained, garden: Path) -> None:
    listed = json.loads(label(trained, garden, "--json", "--top_k", "2").stdout)
    lines = label(trained, garden, "--jsonl", "--top_k", "2").stdout.splitlines()
    rows = list(csv.DictReader(io.StringIO(label(trained, garden, "--csv", "--top-k=2").stdout)))

    assert [json.loads(line) for line in lines] == listed
    assert [row["path"] for row in rows] == [one["path"] for one in listed]
    for row, one in zip(rows, listed, strict=True):
        if one["error"]:
            assert (row["label"], row["error"]) == ("", one["error"])
        else:
            best, second = one["predictions"]
            assert {best["label"], second["label"]} < LABELS
            assert (row["label"], row["label_2"]) == (best["label"], second["label"])
            assert float(row["score"]) == pytest.approx(best["score"], abs=1e-6)


def test_paths_come_through_a_pipe(trained: Trained, garden: Path) -> None:
    photos = sorted(garden.glob("rose*.jpg"))
    output = subprocess.run(
        [COMMANDS / "label-image", "-", "--csv"],
        input="".join(f"{photo}\n" for photo in photos),
        cwd=trained.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [row["path"] for row in csv.DictReader(io.StringIO(output.stdout))] == [
        str(photo) for photo in photos
    ]


def test_pictures_are_sorted_into_folders_and_left_alone_where_they_are(
    trained: Trained, garden: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in garden.iterdir()}

    first = label(trained, garden, "--sort_into", tmp_path / "sorted")
    second = label(trained, garden, "--sort_into", tmp_path / "sorted")

    said = f"6 labelled, 1 could not be read, 6 in {tmp_path / 'sorted'}\n"
    assert (first.stderr, second.stderr) == (said, said)
    copies = [path for path in (tmp_path / "sorted").rglob("*") if path.is_file()]
    assert sorted(path.name for path in copies) == sorted(
        path.name for path in garden.iterdir() if path.name != "broken.jpg"
    )
    assert {path.parent.name for path in copies} <= LABELS
    assert {path: path.read_bytes() for path in garden.iterdir()} == before


def test_move_takes_the_pictures_along(trained: Trained, garden: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(garden, source)

    output = label(trained, source, source, "--sort_into", tmp_path / "sorted", "--move")

    assert output.stderr.startswith("6 labelled, 1 could not be read")
    assert [path.name for path in source.iterdir()] == ["broken.jpg"]
    assert len(list((tmp_path / "sorted").rglob("*.jpg"))) == 6


def test_a_threshold_that_no_score_reaches_names_nothing(trained: Trained, garden: Path) -> None:
    output = label(trained, garden, "--threshold", "1", "--jsonl")
    records = [json.loads(line) for line in output.stdout.splitlines()]
    assert all(p["score"] >= 0.9999 for one in records for p in one["predictions"])


def test_one_photo_that_no_label_is_sure_of_says_so(trained: Trained, garden: Path) -> None:
    output = label(trained, next(garden.glob("rose*.jpg")), "--threshold", "1")
    assert (output.returncode, output.stdout.splitlines()[-1]) == (0, "no label is sure enough")


def label_in_latin(trained: Trained, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run `label-image` where the terminal has 256 letters."""
    command = [COMMANDS / "label-image", *words]
    latin = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    return subprocess.run(command, cwd=trained.folder, env=latin, capture_output=True, check=False)


@pytest.mark.parametrize("form", ["--json", "--jsonl", "--csv"])
def test_what_programs_read_is_utf_8_whatever_the_terminal_is(
    trained: Trained, garden: Path, tmp_path: Path, form: str
) -> None:
    photo = shutil.copy(next(garden.glob("rose*.jpg")), tmp_path / "r\u00f6schen \U0001f339.jpg")

    output = label_in_latin(trained, photo, form)

    assert (output.returncode, output.stderr) == (0, b"")
    assert "r\u00f6schen \U0001f339.jpg" in output.stdout.decode()


def test_a_terminal_that_lacks_a_letter_is_shown_its_escape(
    trained: Trained, garden: Path, tmp_path: Path
) -> None:
    photo = shutil.copy(next(garden.glob("rose*.jpg")), tmp_path / "\U0001f339.jpg")

    output = label_in_latin(trained, photo, photo)

    assert (output.returncode, output.stdout.count(b"\\U0001f339.jpg")) == (0, 2)


@pytest.mark.parametrize(("stream", "code"), [("- <&-", 3), (">&-", 0)], ids=["input", "output"])
def test_standard_streams_may_be_closed(
    trained: Trained, garden: Path, stream: str, code: int
) -> None:
    photo = next(garden.glob("rose*.jpg"))
    words = f"{COMMANDS}/label-image --csv '{photo}' {stream}"

    output = run_in(trained.folder, "sh", "-c", words)

    assert "Traceback" not in output.stderr
    assert output.returncode == code


def test_a_graph_and_itself_are_as_good_as_one(trained: Trained, garden: Path) -> None:
    twice = ("--graph", trained.graph, "--graph", trained.tflite, "--weights", "3,1")
    alone = json.loads(label(trained, garden, "--json").stdout)
    together = json.loads(label(trained, garden, "--json", *twice).stdout)

    for one, other in zip(alone, together, strict=True):
        assert [p["label"] for p in one["predictions"]] == [
            p["label"] for p in other["predictions"]
        ]
        for p, q in zip(one["predictions"], other["predictions"], strict=True):
            assert p["score"] == pytest.approx(q["score"], abs=2e-6)


def test_stack_learns_weights_and_says_how_label_image_takes_them(
    trained: Trained, garden: Path, tmp_path: Path
) -> None:
    graphs = (trained.graph, shutil.copy(trained.tflite, tmp_path / "second best.tflite"))
    output = run_in(trained.folder, "poets", "stack", *graphs, "--image_dir", trained.image_dir)

    assert output.returncode == 0, output.stderr
    assert "all together" in output.stdout
    name, *flags = shlex.split(output.stdout.split("Next")[1])
    assert (name, flags[-2:]) == ("label-image", ["PHOTO", "..."])
    assert label(trained, garden, *flags[:-2], "--csv").stdout.count("\n") == 8


def test_one_photo_loads_neither_tensorflow_nor_rich(trained: Trained, garden: Path) -> None:
    photo = next(garden.glob("rose*.jpg"))
    program = (
        "import sys; from poets.cli.label_image import command;"
        f"command.main([{str(photo)!r}], standalone_mode=False);"
        "print({'tensorflow', 'keras', 'rich'} & set(sys.modules))"
    )
    output = run_in(trained.folder, sys.executable, "-c", program)
    assert output.stdout.splitlines()[-1] == "set()", output.stderr


def test_python_gives_the_same_scores_for_a_path_its_bytes_and_its_pixels(
    trained: Trained, garden: Path
) -> None:
    photo = next(garden.glob("daisy*.jpg"))
    with Image.open(photo) as image:
        image.load()
    classifier = poets.load(trained.graph)

    by_path, by_bytes, by_image = classifier.label([photo, photo.read_bytes(), image], top_k=2)

    assert classifier.labels == tuple(sorted(LABELS))
    assert by_path == by_bytes
    assert [p.label for p in by_path] == [p.label for p in by_image]
    assert by_path[0].score == pytest.approx(by_image[0].score, abs=1e-5)
    with pytest.raises(poets.DataError, match=r"broken\.jpg: "):
        classifier.label([garden / "broken.jpg"])


def test_the_public_names_stay() -> None:
    assert set(poets.__all__) == {
        "AccuracyError",
        "DataError",
        "ImageClassifier",
        "ModelError",
        "PoetsError",
        "Prediction",
        "UsageError",
        "__version__",
        "load",
    }
    assert all(getattr(poets, name) for name in poets.__all__)

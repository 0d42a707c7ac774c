"""`label-image` as its users run it: one picture in the codelab's words, several in a list."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.support.commands import COMMANDS, Output, Trained, run_in
from tests.support.desk import Desk, refusal

SCORE = re.compile(r"^(.+) \(score=(\d\.\d{5})\)$", re.MULTILINE)
TIME = re.compile(r"^Evaluation time \(1-image\): \d+\.\d{3}s$", re.MULTILINE)
RED = "pictures/red/red_000.png"


def scores(output: Output) -> dict[str, float]:
    assert output.returncode == 0, output.stderr
    return {label: float(score) for label, score in SCORE.findall(output.stdout)}


def rows(output: Output) -> list[str]:
    return output.stdout.splitlines()


def test_one_picture_is_told_in_the_codelab_s_lines(trained: Trained) -> None:
    photo = min((trained.image_dir / "daisy").iterdir())
    output = run_in(trained.folder, "label-image", photo)
    assert output.returncode == 0
    assert output.stderr == ""
    blank, time, another, *best = rows(output)
    assert (blank, another) == ("", "")
    assert TIME.fullmatch(time)
    assert len(best) == 5
    assert all(SCORE.fullmatch(line) for line in best)
    assert best[0].startswith("daisy ")
    values = list(scores(output).values())
    assert values == sorted(values, reverse=True)
    assert sum(values) == pytest.approx(1, abs=1e-4)


def test_the_codelab_s_own_command_line_works(used_desk: Desk) -> None:
    output = used_desk.label(
        "--graph=tf_files/retrained_graph.pb",
        "--labels=tf_files/retrained_labels.txt",
        f"--image={RED}",
    )
    assert next(iter(scores(output))) == "red"
    assert output.stderr == ""


def test_several_pictures_are_listed_by_name_in_their_order(used_desk: Desk) -> None:
    names = [f"pictures/{label}/{label}_00{i}.png" for label in ("red", "blue") for i in range(4)]
    output = used_desk.label(*names)
    assert output.returncode == 0
    assert output.stderr == ""
    assert [line.split()[0] for line in rows(output)] == names
    assert [line.split()[1] for line in rows(output)] == ["red"] * 4 + ["blue"] * 4
    assert len({line.index(line.split()[1]) for line in rows(output)}) == 1  # aligned


def test_a_picture_gets_the_same_score_alone_and_in_a_list(used_desk: Desk) -> None:
    best = max(scores(used_desk.label(RED)).values())
    listed = used_desk.label(RED, "pictures/blue/blue_001.png")
    assert rows(listed)[0].split()[2] == f"{best:.3f}"


def test_a_second_label_is_named_where_the_first_is_not_sure(desk: Desk) -> None:
    hardly_trained = ("--how_many_training_steps", "1", "--learning_rate", "1e-6")
    assert desk.retrain(*hardly_trained).returncode == 0
    (best, score), (second, rest), _ = scores(desk.label(RED)).items()
    assert score < 0.5
    (line, _) = rows(desk.label(RED, RED))
    assert line.split() == [RED, best, f"{score:.3f}", second, f"{rest:.3f}"]


def test_a_bad_picture_stops_no_other_and_makes_the_exit_code_3(used_desk: Desk) -> None:
    (used_desk.folder / "empty.jpg").touch()
    os.mkfifo(used_desk.folder / "pipe.jpg")
    output = used_desk.label(RED, "empty.jpg", "missing.jpg", "pipe.jpg", RED)
    assert output.returncode == 3
    assert [" ".join(line.split()) for line in rows(output)[1:4]] == [
        "empty.jpg cannot be read: an empty file",
        "missing.jpg cannot be read: no such file or directory",
        "pipe.jpg cannot be read: not a file",
    ]
    assert rows(output)[0] == rows(output)[4]
    assert output.stderr == "2 labelled, 3 could not be read\n"


def test_a_single_bad_picture_is_an_error_with_exit_code_3(used_desk: Desk) -> None:
    (used_desk.folder / "text.jpg").write_text("hello")
    message = refusal(used_desk.label("text.jpg"), 3)
    assert message == "Error: text.jpg: not a picture.\n  Name a JPEG or PNG picture.\n"


def test_without_a_picture_it_says_how_to_name_one(used_desk: Desk) -> None:
    assert "label-image PHOTO ..." in refusal(used_desk.label(), 2)


def test_the_tflite_can_be_named_itself(used_desk: Desk) -> None:
    by_pb = scores(used_desk.label(RED))
    assert scores(used_desk.label("--graph", "tf_files/retrained_graph.tflite", RED)) == by_pb


def test_a_graph_that_was_moved_with_its_tflite_needs_no_flag_but_its_name(
    used_desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away")
    for suffix in (".pb", ".tflite"):
        shutil.move(used_desk.graph.with_suffix(suffix), away / f"graph{suffix}")
    shutil.rmtree(used_desk.tf_files)
    output = used_desk.label("--graph", away / "graph.pb", RED)
    assert next(iter(scores(output))) == "red"


@pytest.mark.parametrize("companion", ["missing", "another graph's"])
def test_without_its_own_tflite_the_pb_runs_with_the_same_scores(
    companion: str, used_desk: Desk
) -> None:
    with_tflite = scores(used_desk.label(RED))
    tflite = used_desk.graph.with_suffix(".tflite")
    if companion == "missing":
        tflite.unlink()
    else:
        assert used_desk.retrain("--seed", "1", "--output_graph", "other.pb").returncode == 0
        shutil.copy(used_desk.folder / "other.tflite", tflite)
        assert scores(used_desk.label("--graph", tflite, RED)) != with_tflite
    with_tensorflow = scores(used_desk.label(RED))
    assert with_tensorflow == pytest.approx(with_tflite, abs=1e-4)


def test_a_labels_file_names_the_outputs_in_order(used_desk: Desk) -> None:
    (used_desk.folder / "mine.txt").write_bytes("bleu\r\nvert\r\nrouge é\r\n\r\n".encode())
    own = scores(used_desk.label(RED))
    renamed = scores(used_desk.label("--labels", "mine.txt", RED))
    assert renamed == {"bleu": own["blue"], "vert": own["green"], "rouge é": own["red"]}


@pytest.mark.parametrize(
    ("content", "phrase"),
    [
        (b"one\ntwo\n", "has 3 outputs, mine.txt has 2 labels"),
        (b"1\n2\n3\n4\n", "has 3 outputs, mine.txt has 4 labels"),
        (b"", "mine.txt is no labels file: it is empty"),
        (b"\xff\xfe1\n", "mine.txt is no labels file: it is not UTF-8 text"),
        (None, "mine.txt: No such file or directory"),
    ],
)
def test_a_labels_file_that_does_not_fit_is_refused(
    content: bytes | None, phrase: str, used_desk: Desk
) -> None:
    if content is not None:
        (used_desk.folder / "mine.txt").write_bytes(content)
    assert phrase in refusal(used_desk.label("--labels", "mine.txt", RED), 4)


def test_a_flag_that_the_graph_knows_better_is_not_used_and_that_is_said(used_desk: Desk) -> None:
    told = ("--input_height=224", "--input_mean=0", "--input_layer=input", "--output_layer=x")
    output = used_desk.label(*told, RED)
    assert scores(output) == scores(used_desk.label(RED))
    assert output.stderr.splitlines() == [
        "--input_height 224 is not used: the graph itself says 128",
        "--input_mean 0.0 is not used: the graph itself says 127.5",
        "--output_layer x is not used: the graph itself says final_result",
    ]


HOSTILE: dict[str, str] = {
    "-x.png": "-x.png",
    "two\nlines.png": r"two\nlines.png",
    "\x1b[31mred\x07.png": r"\x1b[31mred\x07.png",
    "sp ace'\"$(id).png": "sp ace'\"$(id).png",
    "ünï 🌹 色.png": "ünï 🌹 色.png",
    "[bold]x.png": "[bold]x.png",
    os.fsdecode(b"latin_\xe9.png"): r"latin_\udce9.png",
    "n" * 251 + ".png": "n" * 251 + ".png",
}


def test_names_of_any_kind_take_a_line_each_and_cannot_steer_a_terminal(used_desk: Desk) -> None:
    odd = used_desk.folder / "odd"
    odd.mkdir()
    for name in HOSTILE:
        shutil.copy(used_desk.folder / RED, odd / name)
    output = run_in(
        odd,
        "label-image",
        *("--graph", str(used_desk.graph), "--", *HOSTILE),
        PYTHONIOENCODING="utf-8:strict",
    )
    assert output.returncode == 0, output.stderr
    told = [re.split(r"  +red ", line)[0] for line in rows(output)]
    assert told == list(HOSTILE.values())


def test_a_name_that_is_no_utf_8_is_told_in_an_error_too(used_desk: Desk) -> None:
    name = os.fsdecode(b"\xff\x1b.png")
    message = refusal(used_desk.label(name, PYTHONIOENCODING="utf-8:strict"), 3)
    assert message.startswith(r"Error: \udcff\x1b.png: no such file or directory.")


def test_a_folder_that_is_gone_does_not_matter_to_absolute_paths(
    used_desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    gone = tmp_path_factory.mktemp("gone")
    words = f'cd "{gone}" && rmdir "{gone}" && exec label-image --graph "$1" "$2"'
    output = run_in(
        Path("/"),
        *("sh", "-c", words, "sh", str(used_desk.graph), str(used_desk.folder / RED)),
        PATH=f"{COMMANDS}:{os.environ['PATH']}",
    )
    assert next(iter(scores(output))) == "red"

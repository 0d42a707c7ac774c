"""Command lines that cannot be: each is refused before any work, and says what would be right."""

from pathlib import Path

import pytest

from tests.support.commands import run_in
from tests.support.desk import contents, refusal
from tests.support.pictures import paint_folders

BIG = "9" * 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pictures, in which nothing may appear."""
    folder = tmp_path_factory.mktemp("arguments")
    paint_folders(folder / "pictures", count=3)
    (folder / "a file").write_text("hello")
    return folder


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ("--learning_rate abc", "--learning_rate: 'abc' is not a valid float."),
        ("--learning_rate nan", "--learning_rate nan: it is from 1e-09 to 1,000."),
        ("--learning_rate inf", "--learning_rate inf: it is from 1e-09 to 1,000."),
        ("--learning_rate -0.1", "--learning_rate -0.1: it is from"),
        ("--learning_rate 0", "--learning_rate 0.0: it is from"),
        ("--how_many_training_steps 1e3", "--how_many_training_steps: '1e3' is not a valid int"),
        ("--how_many_training_steps 0", "it is from 1 to 10,000,000"),
        ("--how_many_training_steps -5", "it is from 1 to 10,000,000"),
        (f"--how_many_training_steps {BIG}", "it is from 1 to 10,000,000"),
        ("--how_many_training_steps", "'--how_many_training_steps' requires an argument"),
        ("--train_batch_size 0", "--train_batch_size 0: it is from 1"),
        (f"--train_batch_size {BIG}", "it is from 1"),
        ("--validation_batch_size 0", "or -1"),
        ("--validation_batch_size -2", "or -1"),
        (f"--validation_batch_size {BIG}", "or -1"),
        ("--test_batch_size 0", "or -1"),
        ("--eval_step_interval 0", "it is 1 or more"),
        ("--seed -1", "--seed -1: it is from 0"),
        (f"--seed {BIG}", "it is from 0"),
        ("--testing_percentage 100", "it is from 0 to 99"),
        ("--testing_percentage -1", "it is from 0 to 99"),
        ("--testing_percentage 60 --validation_percentage 60", "leave no training"),
        ("--testing_percentage 50 --validation_percentage 50", "leave no training"),
        ("--intermediate_store_frequency -1", "it is 0 or more"),
        ("--random_brightness 101", "it is from 0 to 100"),
        ("--random_crop -1", "it is from 0"),
        ("--image_size 31", "it is from 32"),
        ("--logging_verbosity LOUD", "'LOUD' is not one of 'debug', 'info'"),
        ("--output_graph=", "--output_graph: an empty path names nothing"),
        ("--image_dir=", "--image_dir: an empty path names nothing"),
        ("--architecture mobilnet_0.50_224", "Did you mean 'mobilenet_0.50_224'?"),
        ("--architecture xyzzy", "`poets architectures` lists them all."),
        ("--architecture mobilenet_0.25_128 --image_size 96", "takes pictures of 128 pixels only"),
        ("--how_many_training_step 5", "Did you mean '--how_many_training_steps'?"),
        ("--testing-percentag 5", "Did you mean '--testing-percentage'?"),
        ("--xyzzy", "no such option '--xyzzy'"),
        ("pictures", "unexpected extra argument (pictures)"),
    ],
)
def test_it_is_refused_with_exit_code_2(arguments: str, phrase: str, folder: Path) -> None:
    before = contents(folder / "pictures")
    output = run_in(folder, "retrain", "--image_dir", "pictures", *arguments.split(" "))
    assert phrase in refusal(output, 2)
    assert contents(folder / "pictures") == before
    assert not [path for path in folder.rglob("*") if path.is_file() and "tf_files" in path.parts]


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ("--output_graph graph.tflite", "--output_graph graph.tflite is the place of the .tflite"),
        ("--output_graph g.pb --output_labels g.pb", "both to be written to g.pb"),
        ("--output_graph g.pb --output_labels g.tflite", "both to be written to g.tflite"),
        ("--output_graph g.pb --output_labels pictures/../g.pb", "both to be written to pictures/"),
    ],
)
def test_outputs_that_collide_are_refused(arguments: str, phrase: str, folder: Path) -> None:
    output = run_in(folder, "retrain", "--image_dir", "pictures", *arguments.split(" "))
    assert phrase in refusal(output, 2)
    assert not list(folder.glob("g*"))


def test_without_a_folder_of_pictures_it_says_which_flag_is_missing(folder: Path) -> None:
    message = refusal(run_in(folder, "retrain"), 2)
    assert message == "Error: --image_dir is missing.\n  `retrain --help` lists what there is.\n"


@pytest.mark.parametrize(
    ("image_dir", "phrase"),
    [
        ("pictured", "pictured: no such folder. Did you mean 'pictures'?"),
        ("nowhere/at/all", "nowhere/at/all: no such folder."),
        ("a file", "a file: is a file, not a folder."),
        ("a file/deeper", "a file/deeper: no such folder."),
        ("pictures/red", "No valid folders of images found at pictures/red"),
        ("~nobody-of-that-name/x", "~nobody-of-that-name/x: no such folder."),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_folder_that_is_none_is_refused_with_exit_code_3(
    image_dir: str, phrase: str, folder: Path
) -> None:
    assert phrase in refusal(run_in(folder, "retrain", "--image_dir", image_dir), 3)


@pytest.mark.parametrize(
    ("arguments", "code", "phrase"),
    [
        ("--input_width 0 x.png", 2, "--input_width 0: it is"),
        ("--input_std 0 x.png", 2, "nothing can be divided by it"),
        ("--input_std nan x.png", 2, "--input_std nan: it is a finite number"),
        ("--input_mean inf x.png", 2, "--input_mean inf: it is a finite number"),
        ("--grap g.pb x.png", 2, "Did you mean '--graph'?"),
        ("--image= x.png", 2, "an empty path names nothing"),
        ("--graph nosuch.pb x.png", 4, "nosuch.pb: no such graph.\n  Make one with: retrain"),
        ("--graph pictures x.png", 4, "pictures: is a folder."),
        ("--graph picture/g.pb x.png", 4, "picture/g.pb: no such graph."),
    ],
)
def test_label_image_refuses_it(arguments: str, code: int, phrase: str, folder: Path) -> None:
    assert phrase in refusal(run_in(folder, "label-image", *arguments.split(" ")), code)


def test_a_graph_of_nearly_that_name_is_suggested(folder: Path) -> None:
    (folder / "retrained_graph.pb").write_bytes(b"x")
    message = refusal(run_in(folder, "label-image", "--graph", "retraned_graph.pb", "x.png"), 4)
    assert "Did you mean 'retrained_graph.pb'?" in message


@pytest.mark.parametrize("command", ["retrain", "label-image", "poets"])
def test_help_is_no_error(command: str, folder: Path) -> None:
    output = run_in(folder, command, "--help")
    assert output.returncode == 0
    assert output.stderr == ""
    assert output.stdout.startswith(f"Usage: {command} ")


def test_poets_alone_lists_its_commands(folder: Path) -> None:
    output = run_in(folder, "poets")
    assert output.returncode == 0
    assert "\n  label-image " in output.stdout


def test_an_unknown_command_gets_a_suggestion(folder: Path) -> None:
    assert "Did you mean 'retrain'?" in refusal(run_in(folder, "poets", "retran"), 2)

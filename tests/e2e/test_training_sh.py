"""training.sh in a fresh copy of the checkout: one command, from pictures to a label."""

import re
import shutil
import socket
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, copy_checkout, set_up
from tests.support.commands import Output, Trained, run_in

STEPS = "200"


@pytest.fixture(scope="module")
def checkout(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy with a .venv, in a folder with a space, with the default network made already."""
    checkout = copy_checkout(tmp_path_factory.mktemp("training") / "poets copy")
    set_up(checkout, checkout.top / ".venv")
    for name in ("models", "bottlenecks"):
        shutil.copytree(trained.folder / "tf_files" / name, checkout.top / "tf_files" / name)
    return checkout


@pytest.fixture(scope="module")
def first(checkout: Checkout, flowers: Path) -> Output:
    output = checkout.sh("training.sh", IMAGE_DIR=str(flowers), STEPS=STEPS)
    assert output.returncode == 0, output.stderr
    return output


def pictures_for_testing(checkout: Checkout, image_dir: str | Path) -> list[str]:
    command = checkout.top / ".venv" / "bin" / "poets"
    output = run_in(checkout.top, command, "split", "--image_dir", image_dir, "--part", "testing")
    return output.stdout.splitlines()


def labelled(output: Output) -> str:
    found = re.search(
        r"^Labelling (.*), which it was not trained on:$", output.stdout, re.MULTILINE
    )
    assert found, output.stdout
    return found[1]


def test_it_trains_and_labels_a_picture_that_was_kept_for_testing(
    first: Output, checkout: Checkout, flowers: Path
) -> None:
    assert f"Step {int(STEPS) - 1}: Validation accuracy" in first.stderr
    assert "Final test accuracy = " in first.stderr
    assert labelled(first) in pictures_for_testing(checkout, flowers)
    after = first.stdout.partition("Labelling ")[2]
    assert len(re.findall(r"^\w+ \(score=[01]\.\d{5}\)$", after, re.MULTILINE)) == 5


def test_it_says_what_to_type_next_in_a_fresh_terminal(first: Output) -> None:
    assert "label-image PHOTO" in first.stdout
    assert "sh tensorboard.sh" in first.stdout
    assert ". .venv/bin/activate" in first.stdout
    assert "cd " not in first.stdout


@pytest.mark.usefixtures("first")
def test_what_it_says_to_type_works_in_a_fresh_terminal(checkout: Checkout, flowers: Path) -> None:
    photo = next(flowers.glob("*/*"))
    output = checkout.sh("-c", f". .venv/bin/activate && label-image '{photo}'")
    assert output.returncode == 0, output.stderr
    assert "(score=" in output.stdout


def test_a_second_run_skips_what_is_done_and_writes_the_same_bytes(
    first: Output, checkout: Checkout, flowers: Path
) -> None:
    graph = checkout.top / "tf_files" / "retrained_graph.pb"
    written = graph.read_bytes()
    second = checkout.sh("training.sh", IMAGE_DIR=str(flowers), STEPS=STEPS)
    assert second.returncode == 0, second.stderr
    assert "Setting up" not in second.stderr
    assert " 0 new, " in second.stderr
    assert labelled(second) == labelled(first)
    assert graph.read_bytes() == written


def test_in_another_folder_image_dir_is_that_folders(
    checkout: Checkout, flowers: Path, tmp_path: Path
) -> None:
    (tmp_path / "my flowers").symlink_to(flowers)
    script = checkout.top / "training.sh"
    output = checkout.sh(script, folder=tmp_path, IMAGE_DIR="my flowers", STEPS=STEPS)
    assert output.returncode == 0, output.stderr
    assert labelled(output).startswith(f"{tmp_path}/my flowers/")
    assert f"cd '{checkout.top}'" in output.stdout
    assert list(tmp_path.iterdir()) == [tmp_path / "my flowers"]


def test_an_active_environment_is_used_and_needs_no_word_about_it(
    checkout: Checkout, flowers: Path, tmp_path: Path
) -> None:
    set_up(checkout, tmp_path)
    mine, pictures = str(tmp_path), str(flowers)
    output = checkout.sh("training.sh", VIRTUAL_ENV=mine, IMAGE_DIR=pictures, STEPS=STEPS)
    assert output.returncode == 0, output.stderr
    assert "activate" not in output.stdout


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("IMAGE_DIR='no such folder'", 3, "no such folder"),
        ("ARCHITECTURE=mobilnet_0.50_224", 2, "mobilenet_0.50_224"),
        ("IMAGE_SIZE=big", 2, "--image_size"),
        ("STEPS=0", 2, "--how_many_training_steps"),
    ],
)
def test_a_wrong_setting_ends_it_with_the_commands_exit_code(
    checkout: Checkout, flowers: Path, setting: str, code: int, words: str
) -> None:
    output = checkout.sh("-c", f"{setting} sh training.sh", IMAGE_DIR=str(flowers))
    assert output.returncode == code
    assert words in output.stderr
    assert "Traceback" not in output.stderr
    assert "Labelling" not in output.stdout


def test_where_photos_are_out_of_reach_it_says_so_and_paints_flowers(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        output = checkout.sh("training.sh", STEPS=STEPS, POETS_DOWNLOAD_BASE=base)
    assert output.returncode == 0, output.stderr
    assert "flower_photos is out of reach" in output.stderr
    assert "no answer within" in output.stderr
    assert "painted_flowers instead" in output.stderr
    assert labelled(output) in pictures_for_testing(checkout, "tf_files/painted_flowers")

"""The README's commands, as they stand there, one block after the other, in a fresh copy."""

import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from PIL import Image

from tests.support.blocks import blocks_of, commands_in, run_blocks
from tests.support.checkout import Checkout, copy_checkout, set_up
from tests.support.commands import TOP, Output, Trained
from tests.support.tensorboard import free_port

BLOCKS = blocks_of(TOP / "README.md")


@pytest.fixture(scope="module")
def checkout(trained: Trained, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy with its environment, and the archive that the README's reader has downloaded."""
    checkout = copy_checkout(tmp_path_factory.mktemp("readme"))
    set_up(checkout, checkout.top / ".venv")
    shutil.copytree(trained.folder / "tf_files" / "models", checkout.top / "tf_files" / "models")
    archive = shared / "models" / "mobilenet_v1_0.25_128_frozen.tgz"
    shutil.copy(archive, checkout.top / "tf_files" / "models")
    return checkout


def test_every_command_of_the_readme_works(checkout: Checkout) -> None:
    # Tests of tests are only collected.
    collect = "--collect-only -q -W ignore"
    output = run_blocks(checkout, BLOCKS, PYTEST_ADDOPTS=collect, PORT=str(free_port()))
    stop_tensorboard(output)
    assert output.returncode == 0, output.stderr[-3000:]
    assert len(commands_in(BLOCKS)) >= 12
    assert output.stdout.count("Test accuracy ") == 5
    assert re.search(r"^roses 0\.\d+$|^\w+ [01]\.\d+$", output.stdout, re.MULTILINE)
    assert "\npath,label,score,label_2,score_2,error\n" in output.stdout
    assert len(re.findall(r"^Evaluation time \(1-image\): \d", output.stdout, re.MULTILINE)) == 4
    assert "roses_0001" in output.stderr
    tf_files = checkout.top / "tf_files"
    with Image.open(tf_files / "looked_at.png") as looked_at:
        assert looked_at.size == (256, 256)
    assert "<title>" in (tf_files / "report.html").read_text()
    assert (tf_files / "training_summaries" / "mobilenet_0.25_128").is_dir()


def stop_tensorboard(output: Output) -> None:
    """Stop the server that the README starts; its line names the process."""
    found = re.search(r"kill (\d+)", output.stdout + output.stderr)
    assert found, output.stdout[-2000:] + output.stderr[-2000:]
    os.kill(int(found[1]), signal.SIGTERM)

"""Networks and graphs that are missing, broken or none at all."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.archives import tgz_bytes
from tests.support.commands import run_in
from tests.support.desk import NETWORK, Desk, contents, refusal

ARCHIVE = "mobilenet_v1_0.25_128_frozen.tgz"
CLOSED = "http://127.0.0.1:9"  # the discard port, where nothing listens
RED = "pictures/red/red_000.png"


def test_without_a_network_it_says_what_was_wanted_and_what_works(desk: Desk) -> None:
    models = desk.folder / "new"
    words = ("--architecture", "mobilenet_0.50_192", "--model_dir", models)
    message = refusal(desk.retrain(*words, POETS_DOWNLOAD_BASE=CLOSED), 4)
    archive = "mobilenet_v1_0.50_192_frozen.tgz"
    assert message.splitlines()[:2] == [
        f"Error: {archive} is not in {models} and cannot be downloaded",
        "  (127.0.0.1:9: connection refused).",
    ]
    assert "Works now, without a network: efficientnet_lite0" in message
    assert f"Or put {CLOSED}/models/{archive} into {models}." in message
    assert list(models.iterdir()) == []
    assert desk.results() == {}


def truncated(whole: bytes) -> bytes:
    return whole[: len(whole) // 3]


BROKEN: dict[str, Callable[[bytes], bytes]] = {  # tests/golden knows more of them
    "it is truncated": truncated,
    "its frozen_graph.pb is no graph": lambda _: tgz_bytes({"../../frozen_graph.pb": b"none"}),
}


@pytest.mark.parametrize("reason", BROKEN)
def test_a_broken_archive_is_named_and_nothing_of_it_is_unpacked(
    reason: str, desk: Desk, shared: Path
) -> None:
    models = desk.folder / "deep" / "models"
    models.mkdir(parents=True)
    (models / ARCHIVE).write_bytes(BROKEN[reason]((shared / "models" / ARCHIVE).read_bytes()))
    before = (models / ARCHIVE).read_bytes()
    message = refusal(desk.retrain("--model_dir", models), 4)
    assert message.startswith(f"Error: {models / ARCHIVE}: {reason}.\n  Delete it;")
    assert (models / ARCHIVE).read_bytes() == before
    files = {path.name for path in desk.folder.rglob("*") if path.is_file()}
    assert {name for name in files if not name.endswith(".png")} == {ARCHIVE}


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_in_an_archive_s_place_is_refused(
    make: Callable[[Path], object], desk: Desk
) -> None:
    models = desk.folder / "models"
    models.mkdir()
    make(models / ARCHIVE)
    message = refusal(desk.retrain("--model_dir", models), 4)
    assert message.startswith(f"Error: {models / ARCHIVE}: ")
    assert "delete it" in message


GRAPHS = {
    "empty.pb": b"",
    "text.pb": b"hello, this is text\n",
    "page.pb": b"<!doctype html><html><body>404</body></html>",
    "noise.pb": bytes(range(1, 256)) * 4,
    "text.tflite": b"hello, this is text\n",
    "begins_well.tflite": b"\x1c\0\0\0TFL3" + b"\xff" * 100,
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_file_that_is_no_graph_is_refused(name: str, used_desk: Desk) -> None:
    (used_desk.folder / name).write_bytes(GRAPHS[name])
    message = refusal(used_desk.label("--graph", name, RED), 4)
    assert message.startswith(f"Error: {name} is no ")
    assert len(message.splitlines()) == 2  # what is wrong, and what to do


@pytest.mark.parametrize("suffix", [".pb", ".tflite"])
def test_half_a_graph_is_refused(suffix: str, used_desk: Desk) -> None:
    whole = used_desk.graph.with_suffix(suffix).read_bytes()
    (used_desk.folder / f"half{suffix}").write_bytes(truncated(whole))
    message = refusal(used_desk.label("--graph", f"half{suffix}", RED), 4)
    assert message.startswith(f"Error: half{suffix} is no ")


def test_a_picture_is_no_graph(used_desk: Desk) -> None:
    assert f"{RED} is no graph" in refusal(used_desk.label("--graph", RED, RED), 4)


def test_a_pipe_is_no_graph(used_desk: Desk) -> None:
    os.mkfifo(used_desk.folder / "pipe.pb")
    assert "pipe.pb: is no file" in refusal(used_desk.label("--graph", "pipe.pb", RED), 4)


def compiled(desk: Desk) -> Path:
    """The folder of the quick network that is ready."""
    (folder,) = (desk.models / "compiled").glob(f"{NETWORK}-*")
    return folder


def test_a_ready_network_that_is_damaged_is_made_again(
    first_desk: Desk, desk: Desk, shared: Path
) -> None:
    models = desk.folder / "models"
    damaged = models / "compiled" / compiled(first_desk).name
    shutil.copytree(compiled(first_desk), damaged)
    shutil.copy(shared / "models" / ARCHIVE, models)
    (damaged / "backbone.tflite").write_bytes(b"half of it")
    output = desk.retrain("--model_dir", models)
    assert f"making {NETWORK} ready with TensorFlow" in output.stderr
    assert contents(damaged).keys() == contents(compiled(first_desk)).keys()
    assert desk.results() == first_desk.results()


def test_a_network_that_was_made_once_needs_its_archive_no_more(
    first_desk: Desk, desk: Desk
) -> None:
    models = desk.folder / "models"
    shutil.copytree(compiled(first_desk), models / "compiled" / compiled(first_desk).name)
    output = desk.retrain("--model_dir", models, POETS_DOWNLOAD_BASE=CLOSED)
    assert output.returncode == 0, output.stderr
    assert "making" not in output.stderr
    assert desk.results() == first_desk.results()


def test_the_list_of_networks_says_which_are_here(first_desk: Desk) -> None:
    output = run_in(first_desk.folder, "poets", "architectures", "--model_dir", first_desk.models)
    assert output.returncode == 0, output.stderr
    here = {line.split()[0] for line in output.stdout.splitlines() if line.endswith(" yes")}
    assert {"efficientnet_lite0", "mobilenet_0.25_128", "mobilenet_1.0_224"} <= here
    assert "mobilenet_0.50_192" not in here

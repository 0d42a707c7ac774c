"""tensorboard.sh and `poets tensorboard`: on, on already, the port taken, nothing to show."""

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.checkout import copy_checkout, set_up
from tests.support.commands import Output, Trained, run_in
from tests.support.http import Resource, serve
from tests.support.tensorboard import Started, free_port, read, stop, tabs_of, tensorboard

SUMMARIES = Path("tf_files", "training_summaries")


@pytest.fixture(scope="module")
def folder(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with the summaries of a training, and a space in its name."""
    folder = tmp_path_factory.mktemp("with a space")
    shutil.copytree(trained.folder / SUMMARIES, folder / SUMMARIES)
    return folder


@pytest.fixture(scope="module")
def started(folder: Path) -> Iterator[Started]:
    with tensorboard(folder, free_port()) as started:
        yield started


def port_of(started: Started) -> str:
    return started.url.strip("/").rpartition(":")[2]


def start(folder: Path, port: int | str, *flags: str | Path) -> Output:
    return run_in(folder, "poets", "tensorboard", "--port", str(port), *flags)


def runs(url: str) -> set[str]:
    with urlopen(f"{url}data/runs") as answer:
        return set(json.load(answer))


def test_it_answers_as_soon_as_the_command_ends(started: Started) -> None:
    assert started.output.stdout.startswith(f"TensorBoard is on: {started.url}\n")
    with urlopen(started.url) as page:
        assert b"TensorBoard" in page.read()


def test_it_works_without_tensorflow_and_outlives_the_terminal(started: Started) -> None:
    process = Path("/proc", str(started.pid))
    assert "tensorflow" not in (process / "maps").read_text()
    session = int((process / "stat").read_text().rpartition(") ")[2].split()[3])
    assert session == started.pid


def test_it_shows_all_runs(started: Started) -> None:
    assert runs(started.url) == {".", "train", "validation", "test"}


def test_every_tab_has_something_to_show(started: Started) -> None:
    tabs = {"scalars", "images", "graphs", "histograms", "pr_curves", "hparams", "projector"}
    assert tabs_of(started.url, tabs) == tabs


def test_a_second_one_on_the_same_summaries_gives_the_address(
    started: Started, folder: Path
) -> None:
    again = start(folder, port_of(started), "--logdir", folder / SUMMARIES)
    assert again.returncode == 0
    assert again.stdout.startswith(f"TensorBoard was on already: {started.url}\n")
    assert read(again).pid == started.pid


def test_one_on_other_summaries_is_named(started: Started, folder: Path) -> None:
    other = start(folder, port_of(started), "--logdir", folder / SUMMARIES / "train")
    assert other.returncode == 2
    assert f"taken by a TensorBoard that shows {folder / SUMMARIES}." in other.stderr
    assert f"--port {int(port_of(started)) + 1}" in other.stderr
    assert f"kill {started.pid}" in other.stderr
    assert other.stdout == ""


@pytest.mark.parametrize(
    "answer",
    [
        Resource(b"another program's page"),
        Resource(b'{"some": "json"}'),
        Resource(b"[]"),
        Resource(raw=b"SSH-2.0-OpenSSH\r\n"),
        Resource(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\xff"),
    ],
)
def test_a_port_of_another_program_is_an_error_with_a_remedy(
    folder: Path, answer: Resource
) -> None:
    with serve(environment=answer) as site:
        port = site.url.rpartition(":")[2]
        output = start(folder, port)
    assert output.returncode == 2
    assert f"Error: port {port} is taken by another program." in output.stderr
    assert f"--port {int(port) + 1}" in output.stderr
    assert output.stdout == ""


def test_a_program_that_listens_and_says_nothing_is_another_program(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        output = start(folder, silent.getsockname()[1])
    assert output.returncode == 2
    assert "taken by another program" in output.stderr


def test_a_host_that_is_not_here_is_an_error_in_tensorboards_words(folder: Path) -> None:
    output = start(folder, free_port(), "--host", "no.such.host.invalid")
    assert output.returncode == 2
    assert output.stderr.startswith("Error: TensorBoard does not start: ")
    assert "Traceback" not in output.stderr


@pytest.mark.parametrize("logdir", ["empty", "no/such/folder", "a file"])
def test_without_summaries_it_says_what_writes_them(tmp_path: Path, logdir: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").touch()
    output = start(tmp_path, free_port(), "--logdir", logdir)
    assert output.returncode == 3
    assert f"Error: {logdir}: no summaries of a training there." in output.stderr
    assert "retrain --image_dir" in output.stderr


def test_a_module_in_the_working_folder_is_not_taken_for_tensorboard(
    folder: Path, tmp_path: Path
) -> None:
    for name in ("tensorboard.py", "numpy.py", "poets.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong module')\n")
    with tensorboard(tmp_path, free_port(), "--logdir", folder / SUMMARIES) as started:
        assert started.output.returncode == 0


def test_what_others_wrote_into_tensorboards_list_does_no_harm(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / ".tensorboard-info").mkdir()
    (tmp_path / ".tensorboard-info" / "pid-1.info").write_bytes(b"\xff\xfe junk")
    command = ("poets", "tensorboard", "--port", str(free_port()))
    started = read(run_in(folder, *command, TMPDIR=str(tmp_path)))
    try:
        again = run_in(folder, *command, TMPDIR=str(tmp_path))
        assert again.returncode == 0, again.stderr
        assert again.stdout.endswith("Stop it: where it was started\n")
    finally:
        stop(started.pid)


def test_the_script_shows_the_checkouts_summaries_from_any_folder(
    folder: Path, tmp_path: Path
) -> None:
    checkout = copy_checkout(tmp_path / "poets copy")
    set_up(checkout, checkout.top / ".venv")
    shutil.copytree(folder / "tf_files", checkout.top / "tf_files", dirs_exist_ok=True)
    script, port = checkout.top / "tensorboard.sh", str(free_port())
    output = checkout.sh(script, folder=tmp_path, PORT=port)
    assert output.returncode == 0, output.stderr
    started = read(output)
    try:
        assert started.url == f"http://localhost:{port}/"
        again = checkout.sh("tensorboard.sh", "--port", port)
        assert "was on already" in again.stdout
        theirs = checkout.sh(
            script, folder=folder.parent, PORT=port, LOGDIR=f"{folder.name}/tf_files"
        )
        assert theirs.returncode == 2
        assert f"shows {checkout.top / SUMMARIES}." in theirs.stderr
    finally:
        stop(started.pid)

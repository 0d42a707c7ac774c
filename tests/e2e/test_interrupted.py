"""Runs that are stopped, killed, or in each other's way."""

import os
import re
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.support.commands import COMMANDS, Output
from tests.support.desk import Desk, contents

EVER = ("--how_many_training_steps", "10000000", "--eval_step_interval", "100")


def start(desk: Desk, *more: str | Path) -> subprocess.Popen[str]:
    """Start `retrain` and return at once."""
    return start_in(desk.folder, *desk.arguments(*more))


def start_in(folder: Path, command: str, *words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COMMANDS / command, *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop_at(process: subprocess.Popen[str], word: str, number: signal.Signals) -> Output:
    """Send a signal as soon as a line with `word` comes on standard error."""
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        if word in line:
            process.send_signal(number)
            break
    stdout, rest = process.communicate(timeout=60)
    return Output(process.args, process.returncode, stdout, "".join(told) + rest)


def cached(desk: Desk) -> int:
    with sqlite3.connect(desk.tf_files / "bottlenecks" / "features.sqlite") as connection:
        (count,) = connection.execute("SELECT count(*) FROM features").fetchone()
    connection.close()
    return int(count)


def leftovers(desk: Desk) -> list[Path]:
    return [path for path in desk.tf_files.rglob(".*") if path.is_file()]


@pytest.fixture
def flower_desk(first_desk: Desk, flowers: Path, tmp_path: Path) -> Desk:
    """A desk with pictures enough to be stopped at."""
    (tmp_path / "pictures").symlink_to(flowers)
    return Desk(tmp_path, first_desk.models)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_extraction_is_gone_on_with(number: signal.Signals, flower_desk: Desk) -> None:
    stopped = stop_at(start(flower_desk), "200 bottleneck files created", number)

    done = cached(flower_desk)
    assert 128 <= done < 600
    assert flower_desk.results() == {}
    assert leftovers(flower_desk) == []
    if number == signal.SIGINT:
        assert stopped.returncode == 130
        assert stopped.stderr.endswith("Interrupted; what is done is kept.\n")
        assert "Traceback" not in stopped.stderr

    again = flower_desk.retrain("--bottleneck_dir", "tf_files/bottlenecks")
    assert again.returncode == 0, again.stderr
    assert f"Features   {done} from the cache, {600 - done} new, 0 skipped" in again.stderr
    stopped_once = flower_desk.results()
    assert flower_desk.retrain("--bottleneck_dir", "anew").returncode == 0
    assert flower_desk.results() == stopped_once


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_training_leaves_the_results_of_before(
    number: signal.Signals, used_desk: Desk
) -> None:
    before, pictures = used_desk.results(), contents(used_desk.pictures)
    stopped = stop_at(start(used_desk, *EVER), "Step 500:", number)
    assert stopped.returncode == 130
    assert stopped.stdout == ""
    assert stopped.stderr.endswith("Interrupted; what is done is kept.\n")
    assert used_desk.results() == before
    assert contents(used_desk.pictures) == pictures
    assert leftovers(used_desk) == []


def test_stopped_exports_leave_the_files_of_before(used_desk: Desk) -> None:
    before = contents(used_desk.tf_files)
    words = ("export", used_desk.graph, "--to", "saved_model,keras")

    stopped = stop_at(start_in(used_desk.folder, "poets", *words), "keras", signal.SIGINT)

    assert stopped.returncode == 130
    assert stopped.stderr.endswith("Interrupted; no file was changed.\n")
    assert contents(used_desk.tf_files) == before
    assert leftovers(used_desk) == []


def test_a_training_with_a_checkpoint_goes_on_where_it_was_stopped(used_desk: Desk) -> None:
    steps = ("--how_many_training_steps", "10000", "--eval_step_interval", "100")
    checkpoint = ("--checkpoint_path", "checkpoint")
    stopped = stop_at(start(used_desk, *steps, *checkpoint), "Step 500:", signal.SIGINT)
    assert stopped.returncode == 130
    assert (used_desk.folder / "checkpoint").is_file()

    again = used_desk.retrain(*steps, *checkpoint)

    assert again.returncode == 0, again.stderr
    assert "Step 400:" not in again.stderr
    assert not (used_desk.folder / "checkpoint").exists()
    gone_on = used_desk.results()
    assert used_desk.retrain(*steps).returncode == 0
    assert used_desk.results() == gone_on


def test_two_runs_into_one_folder_leave_the_results_of_one(used_desk: Desk) -> None:
    alone = {}
    for seed in ("1", "2"):
        assert used_desk.retrain("--seed", seed).returncode == 0
        alone[seed] = used_desk.results()["retrained_graph.pb"]
    (used_desk.tf_files / "bottlenecks" / "features.sqlite").unlink()

    together = [start(used_desk, "--seed", seed) for seed in alone]
    told = [process.communicate(timeout=120) for process in together]

    assert [process.returncode for process in together] == [0, 0], told
    assert used_desk.results()["retrained_graph.pb"] in alone.values()
    assert cached(used_desk) == 24
    assert leftovers(used_desk) == []
    output = used_desk.label("pictures/red/red_000.png")
    assert output.stdout.splitlines()[3].startswith("red "), output.stderr


def shell(desk: Desk, words: str) -> Output:
    """Run a line of shell in which `$@` is a quick `retrain`."""
    return subprocess.run(
        ["bash", "-c", words, "bash", *desk.arguments()],
        cwd=desk.folder,
        # Buffered as a user's streams are, whatever the tests' own environment says.
        env=os.environ | {"PATH": f"{COMMANDS}:{os.environ['PATH']}", "PYTHONUNBUFFERED": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "closing", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2> /dev/full"], ids=lambda words: words
)
def test_streams_that_are_closed_or_full_do_not_matter_to_the_results(
    closing: str, used_desk: Desk
) -> None:
    before = used_desk.results()
    (used_desk.tf_files / "bottlenecks" / "features.sqlite").unlink()
    used_desk.graph.unlink()
    output = shell(used_desk, f'exec "$@" {closing}')
    assert "Traceback" not in output.stderr
    if "full" in closing:
        assert output.returncode == 2
        return
    assert output.returncode == 0, output.stderr
    assert used_desk.results() == before


def test_a_reader_that_leaves_is_no_error_to_speak_of(used_desk: Desk) -> None:
    words = "set -o pipefail; label-image pictures/*/*.png | head -n 1"
    output = shell(used_desk, words)
    assert len(output.stdout.splitlines()) == 1
    assert output.stderr == ""
    assert output.returncode in {0, 141}  # all may be written before the reader leaves

    output = shell(used_desk, 'set -o pipefail; "$@" | true')
    assert output.returncode == 141
    assert "Traceback" not in output.stderr
    assert "Broken" not in output.stderr
    assert re.search(r"Final test accuracy = ", output.stderr)


def test_results_that_cannot_be_told_make_an_error(used_desk: Desk) -> None:
    output = shell(used_desk, 'exec "$@" > /dev/full')
    assert output.returncode == 2
    assert output.stderr.splitlines()[-1] == "Error: no space left on device."

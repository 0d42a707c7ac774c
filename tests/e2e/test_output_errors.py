"""Places that take no file: said by name, before the work where that can be known."""

import resource
import subprocess
from pathlib import Path

import pytest

from tests.support.commands import COMMANDS, Output
from tests.support.desk import Desk, contents, refusal

REMEDY = "choose another"


@pytest.mark.parametrize(
    "flag",
    ["--output_graph", "--output_labels", "--checkpoint_path"],
)
@pytest.mark.parametrize("place", ["file/x.pb", "/proc/none/x.pb", "pictures", "x" * 300])
def test_a_file_that_cannot_be_written_is_named_before_the_work(
    flag: str, place: str, desk: Desk
) -> None:
    (desk.folder / "file").write_text("hello")
    message = refusal(desk.retrain(flag, place), 2)
    assert place in message
    assert "\n  " in message  # a remedy
    assert not (desk.tf_files / "bottlenecks").exists()
    assert desk.results() == {}


@pytest.mark.parametrize("flag", ["--summaries_dir", "--bottleneck_dir"])
def test_a_file_in_a_folder_s_place_is_named(flag: str, desk: Desk) -> None:
    (desk.folder / "file").write_text("hello")
    message = refusal(desk.retrain(flag, "file"), 2)
    assert message.startswith("Error: file/")
    assert REMEDY in message
    assert (desk.folder / "file").read_text() == "hello"
    assert desk.results() == {}


def limited(desk: Desk, size: int, *more: str) -> Output:
    """Run `retrain` where no file may grow beyond `size` bytes, as on a disk that is full."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    words = desk.arguments(*more)
    return subprocess.run(
        [COMMANDS / words[0], *words[1:]],
        cwd=desk.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        preexec_fn=limit,
    )


@pytest.mark.parametrize(
    ("size", "named"),
    [
        (4_096, "tf_files/bottlenecks/features.sqlite"),
        (600_000, "tf_files/retrained_graph.pb"),
    ],
)
def test_a_full_disk_is_an_error_that_names_the_file(size: int, named: str, desk: Desk) -> None:
    message = refusal(limited(desk, size), 2)
    assert message.startswith(f"Error: {named} cannot be written: ")
    assert REMEDY in message
    assert desk.results() == {}


def test_a_full_disk_leaves_the_results_of_before(used_desk: Desk) -> None:
    before = used_desk.results()
    pictures = contents(used_desk.pictures)
    refusal(limited(used_desk, 600_000, "--seed", "1"), 2)
    assert used_desk.results() == before
    assert contents(used_desk.pictures) == pictures
    assert leftovers(used_desk) == []


def test_nothing_is_left_beside_what_could_not_be_written(desk: Desk) -> None:
    refusal(limited(desk, 600_000), 2)
    assert leftovers(desk) == []


def leftovers(desk: Desk) -> list[Path]:
    """Return files that were begun and not finished."""
    return [path for path in desk.folder.rglob(".*") if path.is_file()]


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_cache_is_set_aside_and_filled_anew(content: bytes, used_desk: Desk) -> None:
    before = used_desk.results()
    cache = used_desk.tf_files / "bottlenecks" / "features.sqlite"
    cache.write_bytes(content)
    output = used_desk.retrain()
    assert output.returncode == 0, output.stderr
    assert "Features   0 from the cache, 24 new, 0 skipped" in output.stderr
    assert cache.with_suffix(".damaged").read_bytes() == content
    assert used_desk.results() == before


def test_a_folder_in_the_cache_s_place_is_an_error(desk: Desk) -> None:
    (desk.tf_files / "bottlenecks" / "features.sqlite").mkdir(parents=True)
    assert "tf_files/bottlenecks/features.sqlite cannot be" in refusal(desk.retrain(), 2)

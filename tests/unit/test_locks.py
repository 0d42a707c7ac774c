"""One process at a time."""

import errno
import fcntl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from poets.errors import OutputError
from poets.locks import alone
from tests.support.downloads import ENOUGH, names_in
from tests.support.processes import start_python

HOLD = """
import sys
from pathlib import Path
from poets.locks import alone
with alone(Path(sys.argv[1]), lambda: None):
    print("held")
    sys.stdin.read()
"""


def never() -> None:
    raise AssertionError


def test_who_comes_second_is_told_and_waits_for_the_first(tmp_path: Path) -> None:
    path, told, order = tmp_path / "new" / "network", Event(), []

    def second() -> None:
        with alone(path, told.set):
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        with alone(path, never):
            waiting = pool.submit(second)
            assert told.wait(ENOUGH)
            order.append("first")
        waiting.result(ENOUGH)

    assert order == ["first", "second"]
    assert names_in(path.parent) == []


def test_a_killed_process_keeps_nobody_waiting(tmp_path: Path) -> None:
    with start_python(HOLD, tmp_path / "network") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.kill()
    assert names_in(tmp_path) == [".network.lock"]

    with alone(tmp_path / "network", never):
        pass

    assert names_in(tmp_path) == []


def test_what_fails_inside_lets_go_and_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="of the work") as caught, alone(tmp_path / "x", never):
        raise OSError("of the work")
    assert not isinstance(caught.value, OutputError)

    with alone(tmp_path / "x", never):
        pass


@pytest.mark.parametrize("name", ["ENOLCK", "EOPNOTSUPP"])
def test_on_a_file_system_without_locks_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refuse(*_: object) -> None:  # no such file system can be mounted here
        raise OSError(getattr(errno, name), "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)

    with alone(tmp_path / "x", never), alone(tmp_path / "x", never):
        pass

    assert names_in(tmp_path) == []


def test_a_folder_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")

    with pytest.raises(OutputError, match="cannot be written"), alone(tmp_path / "models/x", never):
        pass

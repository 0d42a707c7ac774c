import os
import threading
from pathlib import Path

import pytest

from poets.quiet import quiet_stderr
from tests.support.processes import python

NOISE = """
import os, sys
from poets.quiet import quiet_stderr
print("before", file=sys.stderr)
with quiet_stderr():
    os.write(2, b"noise of C++")
    print("noise of Python", file=sys.stderr, end="")
    print("a result")
print("after", file=sys.stderr)
"""
CLOSED = """
import os, sys
from poets.quiet import quiet_stderr
os.close(2)
with quiet_stderr():
    print("inside")
print("after", os.path.exists("/proc/self/fd/2"))
"""
NO_STDERR = """
import os, sys
from poets.quiet import quiet_stderr
sys.stderr = None
with quiet_stderr():
    os.write(2, b"noise")
os.write(2, b"words")
"""


def test_what_the_process_writes_meanwhile_is_gone_and_nothing_else(tmp_path: Path) -> None:
    said = python(NOISE, folder=tmp_path)

    assert said.stderr == "before\nafter\n"
    assert said.stdout == "a result\n"


def test_an_error_ends_the_silence(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with quiet_stderr():
            raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        fail()
    os.write(2, b"heard")

    assert capfd.readouterr().err == "heard"


def test_silences_in_one_another_and_in_threads_all_end(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        for _ in range(100):
            with quiet_stderr(), quiet_stderr():
                os.write(2, b"noise")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"heard")

    assert capfd.readouterr().err == "heard"


def test_no_descriptor_is_left_open() -> None:
    before = os.listdir("/dev/fd")  # noqa: PTH208 - paths would need the listing's own descriptor
    for _ in range(3):
        with quiet_stderr():
            pass

    assert os.listdir("/dev/fd") == before  # noqa: PTH208


def test_a_closed_standard_error_is_quiet_enough(tmp_path: Path) -> None:
    said = python(CLOSED, folder=tmp_path)

    assert said.stdout == "inside\nafter False\n"


def test_a_program_without_standard_error_may_be_silenced(tmp_path: Path) -> None:
    said = python(NO_STDERR, folder=tmp_path)

    assert said.stderr == "words"

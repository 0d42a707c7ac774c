"""How a command ends: the exit code, and what stands on standard error."""

import errno
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from poets.cli.app import exit_code
from poets.cli.poets import COMMANDS, SECTIONS
from poets.cli.poets import command as poets
from poets.errors import AccuracyError, DataError, ModelError, OutputError, PoetsError
from poets.registry import load
from tests.support.calling import call
from tests.support.commands import COMMANDS as COMMANDS_FOLDER
from tests.support.commands import run_in
from tests.support.processes import start_python

WAITING = """
import sys, threading
from poets.cli.app import exit_code
def work():
    print("ready", flush=True)
    threading.Event().wait()
sys.exit(exit_code(work))
"""


def raising(error: BaseException) -> Callable[[], object]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (3, 3), ("done", 0), (False, 0)])
def test_what_a_command_returns_is_its_exit_code(result: object, code: int) -> None:
    assert exit_code(lambda: result) == code


@pytest.mark.parametrize(
    ("kind", "code"), [(OutputError, 2), (DataError, 3), (ModelError, 4), (AccuracyError, 5)]
)
def test_an_error_of_the_user_is_a_line_a_remedy_and_a_code(
    kind: type[PoetsError], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = exit_code(raising(kind("flowrs: no such folder.", hint="Name another.\nOr make it.")))

    said = capsys.readouterr()
    assert ended == code
    assert said.err == "Error: flowrs: no such folder.\n  Name another.\n  Or make it.\n"
    assert said.out == ""


def test_an_error_of_several_lines_is_indented(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(raising(DataError("no pictures:\n  a.jpg: cut\n  b.jpg: empty")))

    assert capsys.readouterr().err == "Error: no pictures:\n  a.jpg: cut\n  b.jpg: empty\n"


def test_nothing_in_a_name_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(raising(DataError("\x1b[2J\udcff.jpg\r: broken", hint="\x07")))

    assert capsys.readouterr().err == "Error: \\x1b[2J\\udcff.jpg\\r: broken\n  \\x07\n"


def test_what_the_system_refuses_is_said_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "tf_files/x")

    assert exit_code(raising(error)) == 2
    assert capsys.readouterr().err == "Error: tf_files/x: no space left on device.\n"


def test_an_error_of_the_system_without_a_name_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code(raising(OSError(errno.EMFILE, "Too many open files"))) == 2
    assert capsys.readouterr().err == "Error: too many open files.\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupted_command_says_so(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(raising(error)) == 130
    assert capsys.readouterr().err == "Interrupted; what is done is kept.\n"


def test_ctrl_c_ends_a_command_quietly() -> None:
    with start_python(WAITING) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)

    assert process.returncode == 130


def test_a_bug_is_no_error_of_the_user() -> None:
    with pytest.raises(ZeroDivisionError):
        exit_code(lambda: 1 // 0)


# The group of all commands


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_name_and_help(name: str) -> None:
    command = load(COMMANDS[name])

    called = call(poets, name, "--help")

    assert command.name == name
    assert called.code == 0
    assert called.out.startswith(f"Usage: poets {name} ")


def test_the_group_lists_its_commands() -> None:
    for words in ((), ("--help",), ("-h",)):
        called = call(poets, *words)
        assert called.code == 0
        assert all(f"  {name} " in called.out for name in COMMANDS)


def test_a_line_of_80_columns_says_what_each_command_is_for(tmp_path: Path) -> None:
    listed = run_in(tmp_path, "env", "COLUMNS=80", COMMANDS_FOLDER / "poets", "--help").stdout

    for section in SECTIONS.values():
        for name, purpose in section.items():
            assert re.search(rf"^  {name} +{re.escape(purpose)}$", listed, re.MULTILINE)


def test_the_group_knows_its_version() -> None:
    assert call(poets, "--version").out.startswith("poets 0.")


@pytest.mark.parametrize("name", ["label_image", "label-image"])
def test_a_command_may_be_spelled_as_its_script(name: str) -> None:
    assert "Say what is in pictures" in call(poets, name, "--help").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("retrian",), "no command 'retrian'. Did you mean 'retrain'?"),
        (("xyz",), "no command 'xyz'."),
        (("--versoin",), "no such option '--versoin'. Did you mean '--version'?"),
    ],
)
def test_an_unknown_command_gets_a_suggestion(words: tuple[str, ...], said: str) -> None:
    called = call(poets, *words)

    assert called.code == 2
    assert said in called.err


@pytest.mark.parametrize("stream", ["stdout", "stderr", "stdin"])
def test_a_closed_stream_does_no_harm(tmp_path: Path, stream: str) -> None:
    number = ("stdin", "stdout", "stderr").index(stream)
    program = "import os, sys; os.close(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])"
    command = [
        sys.executable,
        "-c",
        program,
        str(number),
        str(COMMANDS_FOLDER / "poets"),
    ]

    ended = subprocess.run([*command, "--version"], cwd=tmp_path, capture_output=True, check=False)

    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    ended = run_in(tmp_path, "sh", "-c", f"{COMMANDS_FOLDER}/poets --help | true")

    assert ended.stderr == ""

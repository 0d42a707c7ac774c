"""scripts/setup.sh on a tiny project: real environments and a real pip, without a network."""

import os
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support import tiny_backend
from tests.support.checkout import BARE, make_environment
from tests.support.commands import TOP, Output

PYPROJECT = """
[build-system]
requires = []
build-backend = "tiny_backend"
backend-path = ["."]
"""
SETUP = ". scripts/setup.sh; setup '{extra}'; poets; command -v poets"
CHOICE = '. scripts/setup.sh; choose_environment; printf "%s" "$environment"'
PYTHON = Path(sys.base_prefix, "bin")  # the one that this environment was made with
TOOLS = ("cat", "cksum", "grep", "mkdir", "rm", "sh", "tail")
Process = subprocess.Popen[str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a space, scripts/setup.sh and a project that is installed in a moment."""
    top = tmp_path / "a project"
    (top / "scripts").mkdir(parents=True)
    shutil.copy2(TOP / "scripts" / "setup.sh", top / "scripts")
    shutil.copy2(tiny_backend.__file__, top)
    (top / "pyproject.toml").write_text(PYPROJECT)
    return top


@pytest.fixture
def ready(project: Path) -> Path:
    """The same with an environment, for tests of what is installed into it."""
    make_environment(project / ".venv")
    return project


def start(project: Path, program: str, shell: str = "sh", **environment: str) -> Process:
    return subprocess.Popen(
        [shell, "-euc", program],
        cwd=project,
        env=os.environ | BARE | {"PATH": f"{PYTHON}:{os.environ['PATH']}"} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end(process: Process) -> Output:
    stdout, stderr = process.communicate(timeout=300)
    return Output(process.args, process.returncode, stdout, stderr)


def set_up(project: Path, extra: str = "", shell: str = "sh", **environment: str) -> Output:
    return end(start(project, SETUP.format(extra=extra), shell, **environment))


def environment_for(project: Path, **environment: str) -> Path:
    return Path(end(start(project, CHOICE, **environment)).stdout)


def installations(project: Path) -> int:
    return (project / "installations").read_text().count("one")


def only_tools(folder: Path) -> Path:
    """Make a folder of programs without Python, to be the whole PATH."""
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    return folder


def hold(project: Path) -> Path:
    os.mkfifo(project / "hold")
    return project / "hold"


@pytest.mark.parametrize("shell", [s for s in ("dash", "bash", "ksh", "zsh") if shutil.which(s)])
def test_it_makes_an_environment_once(project: Path, shell: str) -> None:
    first = set_up(project, "test", shell)
    assert first.returncode == 0, first.stderr
    assert first.stdout == f"tiny runs\n{project}/.venv/bin/poets\n"
    assert first.stderr == "Setting up .venv (once, about a minute) ... done\n"
    for extra in ("test", ""):
        again = set_up(project, extra, shell)
        assert (again.stdout, again.stderr) == (first.stdout, "")
    assert installations(project) == 1


def test_other_dependencies_are_installed_at_the_next_start(ready: Path) -> None:
    set_up(ready)
    with (ready / "pyproject.toml").open("a") as file:
        file.write("# another dependency\n")
    assert "done" in set_up(ready).stderr
    assert installations(ready) == 2


def test_a_failed_installation_says_why_and_is_done_again(ready: Path) -> None:
    (ready / "broken").touch()
    for _ in range(2):
        failed = set_up(ready)
        assert failed.returncode == 2
        assert "error: metadata-generation-failed" in failed.stderr
        assert "tf_files/setup.log" in failed.stderr
        assert failed.stdout == ""
    assert "the project is broken" in (ready / "tf_files" / "setup.log").read_text()
    (ready / "broken").unlink()
    assert set_up(ready).returncode == 0


def test_an_interrupted_installation_is_done_again(ready: Path) -> None:
    pipe = hold(ready)
    process = start(ready, SETUP.format(extra=""))
    with pipe.open("w"):  # as soon as pip is at work
        os.killpg(process.pid, signal.SIGINT)
        assert end(process).returncode != 0
    pipe.unlink()
    assert set_up(ready).returncode == 0
    assert installations(ready) == 2


@pytest.mark.parametrize("lost", ["bin/activate", "bin/python"])
def test_an_environment_that_is_not_whole_is_made_whole(project: Path, lost: str) -> None:
    set_up(project)
    (project / ".venv" / lost).unlink()
    (project / ".venv" / ".poets-installed").unlink()
    again = set_up(project)
    assert again.returncode == 0, again.stderr
    assert (project / ".venv" / lost).exists()


def test_of_two_at_once_the_second_waits_and_installs_nothing(ready: Path) -> None:
    pipe = hold(ready)
    first = start(ready, SETUP.format(extra=""))
    with pipe.open("w"):
        second = start(ready, SETUP.format(extra=""))
        assert second.stderr is not None
        assert second.stderr.readline() == "Another setup is at work here: waiting for it.\n"
        pipe.unlink()
    assert end(first).returncode == 0
    assert end(second).returncode == 0
    assert installations(ready) == 1


def test_a_moved_folder_is_set_up_for_its_new_place(ready: Path) -> None:
    set_up(ready)
    moved = ready.rename(ready.with_name("moved"))
    again = set_up(moved)
    assert again.stdout == f"tiny runs\n{moved}/.venv/bin/poets\n"
    assert f"{moved}/.venv" in (moved / ".venv" / "bin" / "activate").read_text()


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_an_active_environment_is_used(project: Path, tmp_path: Path, variable: str) -> None:
    venv.create(tmp_path / "mine")  # without pip, as uv makes them: it gets one
    output = set_up(project, **{variable: str(tmp_path / "mine")})
    assert output.stdout == f"tiny runs\n{tmp_path}/mine/bin/poets\n"
    assert f"Setting up {tmp_path}/mine " in output.stderr
    assert not (project / ".venv").exists()


def test_condas_own_environment_is_left_alone(project: Path, tmp_path: Path) -> None:
    chosen = environment_for(project, CONDA_PREFIX=str(tmp_path), CONDA_DEFAULT_ENV="base")
    assert chosen == project / ".venv"


def test_an_active_environment_that_was_removed_is_named(project: Path) -> None:
    output = set_up(project, VIRTUAL_ENV="/nowhere")
    assert output.returncode == 2
    assert "Error: the active environment, /nowhere, has no Python." in output.stderr
    assert "deactivate" in output.stderr


def test_an_environment_of_another_python_is_kept_and_named(project: Path) -> None:
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    # What an older Python says of itself.
    python.write_text('#!/bin/sh\ncase "$2" in *version_info*) exit 1;; esac\necho Python 3.10.1\n')
    python.chmod(0o755)
    output = set_up(project)
    assert output.returncode == 2
    assert ".venv has Python 3.10.1; it takes Python 3.11, 3.12 or 3.13." in output.stderr
    assert python.exists()


def test_without_a_python_it_says_which_are_wanted(project: Path, tmp_path: Path) -> None:
    output = set_up(project, PATH=str(only_tools(tmp_path / "bin")))
    assert output.returncode == 2
    assert "Error: no Python 3.11, 3.12 or 3.13 is on the PATH." in output.stderr
    assert not (project / ".venv").exists()


def test_a_python_that_cannot_make_environments_gets_a_remedy(
    project: Path, tmp_path: Path
) -> None:
    path, without = only_tools(tmp_path / "bin"), tmp_path / "without"
    without.mkdir()
    (without / "ensurepip.py").write_text("raise ImportError\n")  # as Debian's, less a package
    base = PYTHON / "python3"
    (path / "python3").write_text(f'#!/bin/sh\nPYTHONPATH={without} exec {base} "$@"\n')
    (path / "python3").chmod(0o755)
    output = set_up(project, PATH=str(path))
    assert output.returncode == 2
    assert "apt-get install python3-venv" in output.stderr
    assert not (project / ".venv").exists()

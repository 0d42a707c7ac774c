"""Where the console commands begin."""

import tomllib
from pathlib import Path

import pytest

from tests.support.commands import TOP
from tests.support.processes import python

SCRIPTS = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["scripts"]
INTERRUPTED = """
import sys
from importlib import import_module
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder())
module, function = sys.argv.pop().split(":")
getattr(import_module(module), function)()
"""
BEGUN = """
import sys
from importlib import import_module
module, function = sys.argv.pop().split(":")
sys.argv.append("--help")
getattr(import_module(module), function)()
"""


@pytest.mark.parametrize("command", SCRIPTS)
def test_an_interrupt_of_the_first_imports_is_no_traceback(command: str, tmp_path: Path) -> None:
    stopped = python(INTERRUPTED, SCRIPTS[command], folder=tmp_path)

    assert stopped.returncode == 130
    assert stopped.stderr == "Interrupted; nothing was begun.\n"


@pytest.mark.parametrize("command", SCRIPTS)
def test_each_command_begins(command: str, tmp_path: Path) -> None:
    begun = python(BEGUN, SCRIPTS[command], folder=tmp_path)

    assert begun.returncode == 0, begun.stderr
    assert begun.stdout.startswith("Usage:")


def test_before_it_is_guarded_nothing_of_others_is_imported(tmp_path: Path) -> None:
    (module,) = {target.partition(":")[0] for target in SCRIPTS.values()}
    program = f"import sys, {module}; print(*sys.modules)"

    said = python(program, folder=tmp_path)

    assert not {"click", "numpy", "PIL", "poets.cli.app"} & set(said.stdout.split())

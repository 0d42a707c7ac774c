"""A copy of this checkout, set up as its scripts set one up, but without a download."""

import shutil
import subprocess
import sysconfig
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.commands import TOP, Output, run_in

# No environment is active, and no other checkout is on the path of the modules.
BARE = {"VIRTUAL_ENV": "", "CONDA_PREFIX": "", "PYTHONPATH": ""}


@dataclass(frozen=True)
class Checkout:
    """The top folder of a copy."""

    top: Path

    def sh(self, *arguments: str | Path, folder: Path | None = None, **environment: str) -> Output:
        """Run `sh SCRIPT ...` as in a fresh terminal, in `folder` or the top folder."""
        return run_in(folder or self.top, "sh", *arguments, **BARE | environment)


def copy_checkout(top: Path) -> Checkout:
    """Copy the files that git keeps, and those it would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no checkout of git")
    for name in filter(None, listed.stdout.split("\0")):
        if (TOP / name).is_file():
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, top / name)
    return Checkout(top)


def make_environment(folder: Path, *more: Path) -> None:
    """Make an environment that holds what this test's own holds, its pip too, and other folders."""
    venv.create(folder, symlinks=True)
    own = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    lines = (*more, f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})")
    Path(own["purelib"], "copy.pth").write_text("".join(f"{line}\n" for line in lines))


def set_up(checkout: Checkout, environment: Path) -> None:
    """Make an environment that holds the copy, and what this test's own environment holds."""
    make_environment(environment, checkout.top / "src")
    project = tomllib.loads((checkout.top / "pyproject.toml").read_text())["project"]
    for name, target in project["scripts"].items():
        _write_command(environment / "bin" / name, target)
    mark = '. scripts/setup.sh; choose_environment; version >"$(stamp "")"'
    marked = checkout.sh("-c", mark, VIRTUAL_ENV=str(environment))
    assert marked.returncode == 0, marked.stderr


def _write_command(path: Path, target: str) -> None:
    module, _, function = target.partition(":")
    program = f"import sys; sys.argv[0] = '{path.name}'; from {module} import {function} as f; f()"
    # Not a "#!" line with Python's path: it cannot have a space.
    path.write_text(f'#!/bin/sh\nexec "${{0%/*}}/python" -c "{program}" "$@"\n')
    path.chmod(0o755)

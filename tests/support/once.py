"""What the workers of a session have in common: made by the first that wants it."""

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]
) -> tuple[Path, Made]:
    """Return a copy of the folder that `make` filled, for this worker alone, and what it returned.

    The others wait meanwhile; where it failed, the next one tries again.
    """
    own = factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, returned = common / f"{name} of all", common / f"{name} of all.pickle"
    with (common / f"{name} of all.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not returned.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            returned.write_bytes(pickle.dumps(make(folder)))
    made: Made = pickle.loads(returned.read_bytes())
    return shutil.copytree(folder, factory.mktemp(name), symlinks=True, dirs_exist_ok=True), made

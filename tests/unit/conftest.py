"""What unit tests share: a folder in which `retrain` ran on painted pictures, once a session."""

import shutil
from pathlib import Path

import pytest

from tests.support.calling import Called
from tests.support.retraining import run_retrain


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Called]:
    """The folder, and what `retrain` said."""
    folder = tmp_path_factory.mktemp("retrained")
    return folder, run_retrain(folder)


@pytest.fixture
def place(first: tuple[Path, Called], tmp_path: Path) -> Path:
    """A copy of a folder in which `retrain` ran."""
    return shutil.copytree(first[0], tmp_path / "place")


@pytest.fixture
def said(first: tuple[Path, Called]) -> Called:
    """What that `retrain` said."""
    return first[1]

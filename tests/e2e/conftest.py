"""What the tests of the commands share: a desk for each, and a quick network that is ready."""

import shutil
from pathlib import Path

import pytest

from tests.support.desk import NETWORK, Desk
from tests.support.once import made_once
from tests.support.pictures import paint_folders


@pytest.fixture(scope="session")
def first_desk(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk where `retrain` ran once on painted pictures, which made the quick network ready."""

    def begin(folder: Path) -> None:
        desk = Desk(folder, shutil.copytree(model_dir, folder / "models", symlinks=True))
        paint_folders(desk.pictures, count=8)
        output = desk.retrain()
        assert output.returncode == 0, output.stderr

    folder, _ = made_once(tmp_path_factory, "desk", begin)
    (ready,) = (folder / "models" / "compiled").glob(f"{NETWORK}-*")
    shutil.copytree(ready, model_dir / "compiled" / ready.name, dirs_exist_ok=True)
    shutil.rmtree(folder / "models")
    return Desk(folder, model_dir)


@pytest.fixture
def desk(first_desk: Desk, tmp_path: Path) -> Desk:
    """A desk with the painted pictures, nothing else."""
    shutil.copytree(first_desk.pictures, tmp_path / "pictures")
    return Desk(tmp_path, first_desk.models)


@pytest.fixture
def used_desk(first_desk: Desk, tmp_path: Path) -> Desk:
    """A desk with the painted pictures and what a training on them made."""
    shutil.copytree(first_desk.folder, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path, first_desk.models)

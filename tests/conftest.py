"""What the tests share: the real photos and models, the commands, one trained model a session."""

import os
from pathlib import Path

import pytest

from tests.support.commands import TOP, Output, Trained, run_in
from tests.support.once import made_once


def pytest_make_parametrize_id(val: object) -> str | None:
    """Call long bytes by their number: the workers must agree, and bytes may hold a time."""
    return f"{len(val)} bytes" if isinstance(val, bytes) and len(val) > 32 else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real photos and models; under CI=true it must be there."""
    path = Path(os.environ.get("POETS_SHARED", TOP.parent / "shared"))
    if not (path / "data").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"POETS_SHARED: {path} has no data/")
        pytest.skip(f"POETS_SHARED: {path} has no data/")
    return path.resolve()


@pytest.fixture(scope="session")
def flowers(shared: Path) -> Path:
    """600 real photos of five flowers."""
    return shared / "data" / "flowers"


@pytest.fixture(scope="session")
def trained(flowers: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """`retrain` on the real photos with the default network, once a session."""

    def train(folder: Path) -> Output:
        output = run_in(folder, "retrain", "--image_dir", flowers)
        assert output.returncode == 0, output.stderr
        return output

    folder, output = made_once(tmp_path_factory, "trained", train)
    return Trained(folder, flowers, output)


@pytest.fixture(scope="session")
def model_dir(trained: Trained, shared: Path) -> Path:
    """A --model_dir with the default network compiled and the archives of real models."""
    folder = trained.folder / "tf_files" / "models"
    for archive in (shared / "models").glob("*.tgz"):
        if not (folder / archive.name).exists():
            (folder / archive.name).symlink_to(archive)
    return folder

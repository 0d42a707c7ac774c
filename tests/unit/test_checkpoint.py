"""Where a training stands, in a file: it goes on from there, and from nothing else."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poets.checkpoint import Checkpoint, fingerprint
from poets.config.distort import DistortConfig
from poets.config.train import TrainConfig
from poets.dataset import Dataset
from poets.errors import DataError
from poets.heads.softmax import SoftmaxHead
from poets.train import StepState, TrainingData, fit
from tests.support.features import dataset_of

CONFIG = TrainConfig(how_many_training_steps=30)


class Stopped(Exception):  # noqa: N818 - no error: as Ctrl-C does
    """The training was stopped."""


def identity_of(dataset: Dataset, config: TrainConfig = CONFIG) -> str:
    return fingerprint(dataset, config, DistortConfig())


def train(path: Path, stop_at: int | None = None, dataset: Dataset | None = None) -> SoftmaxHead:
    """Train from where the file stands."""
    dataset = dataset or dataset_of()
    checkpoint = Checkpoint(path, identity_of(dataset))
    start = checkpoint.load()

    def stop(state: StepState) -> None:
        if state.step == stop_at:
            raise Stopped

    with checkpoint.saving():
        return fit(TrainingData.of(dataset), CONFIG, [checkpoint, stop], start)


@contextmanager
def stopped() -> Iterator[None]:
    with pytest.raises(Stopped):
        yield


@pytest.mark.parametrize("stops", [[0], [12], [29], [5, 11, 20]])
def test_a_stopped_training_ends_as_an_unbroken_one(tmp_path: Path, stops: list[int]) -> None:
    unbroken = train(tmp_path / "unbroken")

    for step in stops:
        with stopped():
            train(tmp_path / "stopped", stop_at=step)
    resumed = train(tmp_path / "stopped")

    assert resumed.weights.tobytes() == unbroken.weights.tobytes()
    assert resumed.bias.tobytes() == unbroken.bias.tobytes()


def test_it_goes_on_after_the_last_step_that_was_done(tmp_path: Path) -> None:
    with stopped():
        train(tmp_path / "file", stop_at=12)

    snapshot = Checkpoint(tmp_path / "file", identity_of(dataset_of())).load()

    assert snapshot is not None
    assert snapshot.step == 13


def test_a_training_that_ends_well_leaves_no_checkpoint(tmp_path: Path) -> None:
    train(tmp_path / "file")

    assert list(tmp_path.iterdir()) == []


def test_without_a_file_there_is_nothing_to_go_on_from(tmp_path: Path) -> None:
    assert Checkpoint(tmp_path / "missing", "identity").load() is None


@pytest.mark.parametrize(
    "other",
    [
        identity_of(dataset_of(), replace(CONFIG, learning_rate=0.02)),
        identity_of(dataset_of(), replace(CONFIG, seed=1)),
        identity_of(dataset_of(41)),
        identity_of(replace(dataset_of(), labels=("a", "b", "c"))),
        fingerprint(dataset_of(), CONFIG, DistortConfig(flip_left_right=True)),
    ],
)
def test_another_training_does_not_go_on_from_it(tmp_path: Path, other: str) -> None:
    with stopped():
        train(tmp_path / "file", stop_at=12)

    checkpoint = Checkpoint(tmp_path / "file", other)
    assert checkpoint.load() is None
    assert checkpoint.is_of_another


def numpy_file(array: object) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(array))
    return file.getvalue()


def numpy_archive(**arrays: object) -> bytes:
    file = io.BytesIO()
    made: dict[str, Any] = {name: np.asarray(array) for name, array in arrays.items()}
    np.savez(file, **made)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"something of the user's",
        b"PK\x03\x04" + bytes(100),
        numpy_file([1, 2, 3]),
        numpy_archive(info="{}"),
        numpy_archive(info="[]", weights=[0], bias=[0]),
        numpy_archive(info="{}", weights=[0], bias=[0]),
        numpy_archive(info="not JSON", weights=[0], bias=[0]),
    ],
)
def test_a_file_that_is_no_checkpoint_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)

    with pytest.raises(DataError, match="is no checkpoint") as caught:
        train(tmp_path / "file")

    assert "--checkpoint_path" in caught.value.hint
    assert (tmp_path / "file").read_bytes() == content


def test_a_checkpoint_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    with stopped():
        train(tmp_path / "file", stop_at=12)
    content = (tmp_path / "file").read_bytes()

    for share in (0.1, 0.5, 0.9):
        (tmp_path / "file").write_bytes(content[: int(len(content) * share)])
        with pytest.raises(DataError, match="is no checkpoint"):
            train(tmp_path / "file")

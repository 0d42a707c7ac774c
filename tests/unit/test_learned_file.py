"""The file of what was learned."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from poets.errors import OutputError
from poets.finetune.halfway import halfway_of
from poets.finetune.learned_file import LearnedSource, learned_once, read_learned, write_learned
from poets.finetune.score import Epoch, Learned, Score
from poets.report import Reporter
from tests.support.reporters import Recorder

EPOCHS = (Epoch(Score(0.5, 1.5), Score(0.25, 2.0)), Epoch(Score(0.7, 1.0), Score(0.5, 1.0)))


def learned(seed: int = 0) -> Learned:
    rng = np.random.default_rng(seed)
    weights = tuple(rng.normal(size=(3, i)).astype(np.float32) for i in range(1, 13))
    return Learned(EPOCHS, 2, weights, (np.eye(2, dtype=np.float32), np.zeros(2, np.float32)))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "models" / "network.npz"

    write_learned(learned(), path)
    found = read_learned(path)

    assert found is not None
    assert (found.epochs, found.best) == (EPOCHS, 2)
    for kept, given in ((found.weights, learned().weights), (found.head, learned().head)):
        assert len(kept) == len(given)
        assert all(np.array_equal(a, b) for a, b in zip(kept, given, strict=True))


def test_the_same_makes_the_same_bytes(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("a", "b", "c")]

    for place, seed in zip(places, (0, 0, 1), strict=True):
        write_learned(learned(seed), place)

    a, b, c = (place.read_bytes() for place in places)
    assert a == b != c
    digests = [LearnedSource(place).digest(tmp_path) for place in places]
    assert digests[0] == digests[1] != digests[2]


def test_a_training_that_led_to_nothing_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "network.npz"

    write_learned(Learned(EPOCHS, 0, ()), path)

    assert read_learned(path) == Learned(EPOCHS, 0, ())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_torn_file_is_none(share: float, tmp_path: Path) -> None:
    path = tmp_path / "network.npz"
    write_learned(learned(), path)
    content = path.read_bytes()

    path.write_bytes(content[: int(share * len(content))])

    assert read_learned(path) is None


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"\x93NUMPY\x01\x00"])
def test_another_file_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "network.npz").write_bytes(content)

    assert read_learned(tmp_path / "network.npz") is None


def test_no_file_is_none(tmp_path: Path) -> None:
    assert read_learned(tmp_path / "network.npz") is None


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "network.npz"
    with path.open("wb") as file:
        np.savez(file, info=np.array([{"epochs": []}], dtype=object))

    assert read_learned(path) is None


def test_a_place_that_takes_no_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file, not a folder")

    with pytest.raises(OutputError, match="cannot be written"):
        write_learned(learned(), tmp_path / "models" / "network.npz")


def test_it_is_a_source_of_weights_like_others(tmp_path: Path) -> None:
    path = tmp_path / "network.npz"
    source = LearnedSource(path)

    assert not source.is_here(tmp_path)
    write_learned(learned(), path)
    assert source.is_here(tmp_path)
    assert source.fetch(tmp_path, Reporter()) == path
    assert source.describe() == "trained on your pictures"


def test_what_another_process_learns_is_not_learned_twice(tmp_path: Path) -> None:
    path, begun, second = tmp_path / "network.npz", Event(), Recorder()

    def learn() -> Learned:
        begun.set()
        assert second.warned.wait(30)
        return learned()

    def learn_again() -> Learned:
        raise AssertionError

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(learned_once, path, learn, Reporter())
        assert begun.wait(30)
        found = pool.submit(learned_once, path, learn_again, second).result()

    assert found.epochs == first.result().epochs
    assert second.warnings == ["network is being trained by another process: waiting for it."]
    assert [place.name for place in tmp_path.iterdir()] == ["network.npz"]


def test_what_is_learned_takes_the_place_of_what_was_half_learned(tmp_path: Path) -> None:
    path = tmp_path / "network.npz"
    halfway_of(path).write_bytes(b"half")

    write_learned(learned(), path)

    assert [place.name for place in tmp_path.iterdir()] == ["network.npz"]

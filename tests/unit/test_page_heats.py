"""Heat maps that are kept: the same run again asks the network for none."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from poets.features.cache import Entry, FeatureCache, FileState
from poets.heads.softmax import SoftmaxHead
from poets.page.heats import KeptHeatMaps, digest_of
from poets.preprocess import FloatArray


class Network:
    """Makes maps that say of what label they are, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Path, int]] = []

    def __call__(self, paths: Sequence[Path], label_ids: Sequence[int]) -> list[FloatArray | None]:
        asked = list(zip(paths, label_ids, strict=True))
        self.asked += asked
        return [
            None if label == 9 else np.full((3, 5), label / 10, np.float32) for _, label in asked
        ]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a picture")
    with FeatureCache(tmp_path / "cache") as cache:
        values = np.zeros(4, dtype=np.float32)
        cache.store([(FileState.of(path), Entry(b"\x01" * 32, values))], "recipe")
    return path


def maps_of(
    picture: Path, network: Network, label_ids: list[int], name: str = "net"
) -> list[FloatArray | None]:
    with FeatureCache(picture.parent / "cache") as cache:
        kept = KeptHeatMaps(cache, network, name)
        return kept([picture] * len(label_ids), label_ids)


def test_a_map_is_made_once(picture: Path) -> None:
    network = Network()

    first = maps_of(picture, network, [3, 7, 3])
    again = maps_of(picture, network, [3, 7, 3])

    assert network.asked == [(picture, 3), (picture, 7)]
    for one, other in zip(first, again, strict=True):
        assert one is not None
        np.testing.assert_array_equal(one, other)
    assert first[1] is not None
    np.testing.assert_allclose(first[1], np.full((3, 5), 0.7), atol=1 / 255)


def test_that_there_is_none_is_known_too(picture: Path) -> None:
    network = Network()

    assert maps_of(picture, network, [9]) == maps_of(picture, network, [9]) == [None]

    assert len(network.asked) == 1


def test_another_network_makes_its_own(picture: Path) -> None:
    network = Network()

    maps_of(picture, network, [3])
    maps_of(picture, network, [3], "another")

    assert len(network.asked) == 2


def test_a_changed_picture_gets_a_map_of_its_own(picture: Path) -> None:
    network = Network()
    maps_of(picture, network, [3])

    picture.write_bytes(b"another picture")
    maps_of(picture, network, [3])

    assert len(network.asked) == 2


def test_a_damaged_map_is_made_again(picture: Path) -> None:
    network = Network()
    first = maps_of(picture, network, [3])
    with sqlite3.connect(picture.parent / "cache" / "features.sqlite") as connection:
        connection.execute("UPDATE thumbnails SET jpeg = x'0305ffff'")

    again = maps_of(picture, network, [3])

    assert len(network.asked) == 2
    assert first[0] is not None
    np.testing.assert_array_equal(first[0], again[0])


def test_a_picture_that_is_gone_stops_nothing(picture: Path) -> None:
    picture.unlink()
    network = Network()

    (heat,) = maps_of(picture, network, [3])

    assert heat is not None


def test_a_picture_that_is_gone_costs_the_others_nothing(picture: Path) -> None:
    gone = picture.with_name("gone.jpg")
    with FeatureCache(picture.parent / "cache") as cache:
        KeptHeatMaps(cache, Network(), "net")([gone, picture], [3, 3])
    network = Network()

    maps_of(picture, network, [3])

    assert network.asked == []


def test_a_digest_tells_one_head_from_another() -> None:
    weights, bias = np.zeros((2, 3), np.float32), np.zeros(3, np.float32)
    same = digest_of("net", SoftmaxHead(weights.copy(), bias.copy()))

    assert digest_of("net", SoftmaxHead(weights, bias)) == same
    assert digest_of("other", SoftmaxHead(weights, bias)) != same
    assert digest_of("net", SoftmaxHead(weights, bias + 1)) != same
    assert digest_of("net", SoftmaxHead(weights.reshape(3, 2), bias)) != same

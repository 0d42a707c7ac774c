"""The cache by itself: what it keeps, and what it bears."""

import os
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import numpy as np
import pytest

from poets.features.cache import CACHE_FILE, Entry, FeatureCache, FileState
from tests.support.caching import RECIPE, SIZE, N, entry_of, fill, state_of
from tests.support.downloads import names_in


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[FeatureCache]:
    with FeatureCache(tmp_path / "new" / "cache") as cache:
        yield cache


def test_what_was_stored_is_found_again_later(tmp_path: Path) -> None:
    fill(tmp_path)

    with FeatureCache(tmp_path) as cache:
        for number in range(N):
            found = cache.look_up(state_of(number), RECIPE)
            assert found is not None
            assert found.values is not None
            assert found.values.dtype == np.float32
            assert found.values.tolist() == [number] * SIZE
    assert names_in(tmp_path) == [CACHE_FILE]


@pytest.mark.parametrize("values", [[np.inf, -np.inf, -0.0, 1e-45], [], [3.4e38]])
def test_numbers_come_back_to_the_bit(cache: FeatureCache, values: list[float]) -> None:
    array = np.array(values, dtype=np.float32)

    cache.store([(state_of(1), Entry(b"1", values=array))], RECIPE)

    found = cache.look_up(state_of(1), RECIPE)
    assert found is not None
    assert found.values is not None
    assert found.values.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "changed",
    [
        FileState(Path("/photos/2.jpg"), 1001, 10**18 + 1),
        FileState(Path("/photos/1.jpg"), 1002, 10**18 + 1),
        FileState(Path("/photos/1.jpg"), 1001, 10**18),
    ],
)
def test_a_file_with_another_name_size_or_time_is_not_known(
    cache: FeatureCache, changed: FileState
) -> None:
    cache.store([(state_of(1), entry_of(1))], RECIPE)

    assert cache.look_up(changed, RECIPE) is None
    assert cache.look_up(state_of(1), RECIPE) is not None


def test_another_backbone_does_not_know_the_features(cache: FeatureCache) -> None:
    cache.store([(state_of(1), entry_of(1))], RECIPE)

    assert cache.look_up(state_of(1), "another") is None
    assert cache.known_content("another") == frozenset()
    assert cache.known_content(RECIPE) == {entry_of(1).sha256}


def test_content_is_known_under_every_name(cache: FeatureCache) -> None:
    cache.store([(state_of(1), entry_of(1))], RECIPE)

    cache.store([(state_of(2), Entry(entry_of(1).sha256))], RECIPE)

    for number in (1, 2):
        found = cache.look_up(state_of(number), RECIPE)
        assert found is not None
        assert found.values is not None
        assert found.values.tolist() == [1] * SIZE


def test_known_content_under_another_name_is_no_unreadable_file(cache: FeatureCache) -> None:
    cache.store([(state_of(1), entry_of(1))], RECIPE)
    cache.store([(state_of(2), Entry(entry_of(1).sha256))], RECIPE)

    assert cache.look_up(state_of(2), "another") is None
    assert cache.known_content("another") == frozenset()


def test_what_cannot_be_read_is_remembered_for_every_backbone(cache: FeatureCache) -> None:
    cache.store([(state_of(1), Entry(b"1", reason="not a picture"))], RECIPE)

    for recipe in (RECIPE, "another"):
        found = cache.look_up(state_of(1), recipe)
        assert found == Entry(b"1", reason="not a picture")
        assert cache.known_content(recipe) == {b"1"}


def test_a_changed_file_is_known_by_its_new_content(cache: FeatureCache) -> None:
    later = FileState(state_of(1).path, 5, 5)
    cache.store([(state_of(1), entry_of(1))], RECIPE)

    cache.store([(later, entry_of(7))], RECIPE)

    found = cache.look_up(later, RECIPE)
    assert found is not None
    assert found.sha256 == entry_of(7).sha256
    assert cache.look_up(state_of(1), RECIPE) is None


def test_a_path_counts_wherever_one_stands(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "photo.jpg").touch()

    with chdir(tmp_path):
        keys = {FileState.of(Path(name)).key for name in ("photo.jpg", "./a/../photo.jpg")}

    assert keys == {FileState.of(tmp_path / "photo.jpg").key} == {bytes(tmp_path / "photo.jpg")}


def test_a_file_of_any_name_can_be_kept(cache: FeatureCache) -> None:
    odd = [FileState(Path(os.fsdecode(name)), 1, 1) for name in (b"\xff", b"a\nb", b"'; DROP")]

    cache.store([(state, entry_of(n)) for n, state in enumerate(odd)], RECIPE)

    assert [cache.look_up(state, RECIPE) is not None for state in odd] == [True] * len(odd)


def test_a_batch_is_kept_whole_or_not_at_all(cache: FeatureCache) -> None:
    def pairs() -> Iterator[tuple[FileState, Entry]]:
        yield state_of(1), entry_of(1)
        raise ValueError("a bug in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        cache.store(pairs(), RECIPE)
    with pytest.raises(AttributeError):
        cache.store([(state_of(2), entry_of(2)), (state_of(3), None)], RECIPE)  # type: ignore[list-item]

    assert cache.known_content(RECIPE) == frozenset()
    cache.store([(state_of(4), entry_of(4))], RECIPE)
    assert len(cache.known_content(RECIPE)) == 1


def test_files_that_cannot_be_read_are_told_from_those_that_can(
    cache: FeatureCache, tmp_path: Path
) -> None:
    for name in ("good.jpg", "bad.jpg", "new.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    os.mkfifo(tmp_path / "pipe")
    good, bad = (FileState.of(tmp_path / name) for name in ("good.jpg", "bad.jpg"))
    cache.store([(good, entry_of(1)), (bad, Entry(b"bad", reason="not a picture"))], RECIPE)

    for name in ("bad.jpg", "pipe", "missing.jpg", "."):
        assert cache.is_unreadable(tmp_path / name)
    for name in ("good.jpg", "new.jpg"):
        assert not cache.is_unreadable(tmp_path / name)

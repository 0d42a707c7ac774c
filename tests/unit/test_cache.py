"""The cache by itself: what it keeps, and what it bears."""

import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import chdir, closing
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

import numpy as np
import pytest

from poets.errors import OutputError
from poets.features.cache import CACHE_FILE, Entry, FeatureCache, FileState
from tests.support.downloads import names_in
from tests.support.processes import NO_RIGHTS, python, start_python

RECIPE = "efficientnet_lite0"
N, SIZE = 200, 300  # entries that make a file of many pages

LIMITED = """
import resource, sys
import numpy as np
from pathlib import Path
from poets.errors import OutputError
from poets.features.cache import Entry, FeatureCache, FileState
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
stored = 0
try:
    with FeatureCache(Path("cache")) as cache:
        for start in range(0, 1000, 10):
            batch = [
                (
                    FileState(Path(f"{number}.jpg"), number, number),
                    Entry(number.to_bytes(32, "big"), values=np.ones(1280, np.float32)),
                )
                for number in range(start, start + 10)
            ]
            cache.store(batch, "recipe")
            stored += 10
except OutputError as error:
    print(error)
print(stored)
"""
READ_ONLY = f"""
import numpy as np
from pathlib import Path
from poets.errors import OutputError
from poets.features.cache import Entry, FeatureCache, FileState
{NO_RIGHTS}
with FeatureCache(Path("cache")) as cache:
    print(len(cache.known_content("recipe")))
    try:
        cache.store([(FileState(Path("x"), 1, 1), Entry(b"x", reason="broken"))], "recipe")
    except OutputError as error:
        print(error)
"""
HOLDING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held")
sys.stdin.readline()
connection.execute("COMMIT")
"""


def state_of(number: int) -> FileState:
    return FileState(Path(f"/photos/{number}.jpg"), 1000 + number, 10**18 + number)


def entry_of(number: int) -> Entry:
    digest = sha256(str(number).encode()).digest()
    return Entry(digest, values=np.full(SIZE, number, dtype=np.float32))


def fill(folder: Path, n: int = N, recipe: str = RECIPE) -> Path:
    with FeatureCache(folder) as cache:
        cache.store([(state_of(number), entry_of(number)) for number in range(n)], recipe)
    return folder / CACHE_FILE


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


# Damage


def test_a_file_that_is_no_cache_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / CACHE_FILE).write_bytes(b"something of the user's, who knows" * 1000)

    fill(tmp_path, 3)

    assert (tmp_path / "features.damaged").read_bytes().startswith(b"something of the user's")
    with FeatureCache(tmp_path) as cache:
        assert len(cache.known_content(RECIPE)) == 3


@pytest.mark.parametrize("seed", range(9))
def test_a_damaged_cache_is_set_aside_whatever_is_wrong_with_it(tmp_path: Path, seed: int) -> None:
    check_damaged(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(9, 200))
def test_a_cache_is_set_aside_however_it_is_damaged(tmp_path: Path, seed: int) -> None:
    check_damaged(tmp_path, seed)


def check_damaged(folder: Path, seed: int) -> None:
    path = fill(folder)
    path.write_bytes(damaged(path.read_bytes(), seed))

    with FeatureCache(folder) as cache:
        for number in range(N):
            cache.look_up(state_of(number), RECIPE)
        cache.known_content(RECIPE)
        cache.store([(state_of(number), entry_of(number)) for number in range(2 * N)], RECIPE)
        found = [cache.look_up(state_of(number), RECIPE) for number in range(2 * N)]

    if (folder / "features.damaged").exists():
        assert None not in found
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def damaged(content: bytes, seed: int) -> bytes:
    """Cut the file off, or fill a part of it with noise or zeros."""
    rng = random.Random(seed)
    at, length = rng.randrange(len(content)), rng.randrange(1, 40_000)
    noise = rng.randbytes(length) if seed % 3 == 1 else bytes(length)
    rest = content[at + length :] if seed % 3 else b""
    return content[:at] + (noise if seed % 3 else b"") + rest


def test_damage_that_shows_while_writing_costs_no_more_than_the_rest(tmp_path: Path) -> None:
    path = fill(tmp_path)
    with FeatureCache(tmp_path) as cache:
        with path.open("r+b") as file:  # all but the first page
            file.seek(16384)
            file.write(b"\xff" * (path.stat().st_size - 16384))

        cache.store([(state_of(1), entry_of(1))], RECIPE)

        assert cache.look_up(state_of(1), RECIPE) is not None
    assert (tmp_path / "features.damaged").exists()


def test_a_database_of_another_kind_is_named_and_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / CACHE_FILE)) as connection:
        connection.execute("CREATE TABLE files (mine TEXT)")

    with FeatureCache(tmp_path) as cache:
        with pytest.raises(OutputError, match=r"features\.sqlite cannot be read"):
            cache.look_up(state_of(1), RECIPE)
        with pytest.raises(OutputError, match=r"features\.sqlite cannot be written"):
            cache.store([(state_of(1), entry_of(1))], RECIPE)


def test_an_empty_file_is_an_empty_cache(tmp_path: Path) -> None:
    (tmp_path / CACHE_FILE).touch()

    fill(tmp_path, 1)

    assert names_in(tmp_path) == [CACHE_FILE]


# Places that do not take it


def test_a_cache_that_cannot_be_made_is_named_with_the_flag(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "taken" / CACHE_FILE).mkdir(parents=True)

    for folder in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "taken"):
        with pytest.raises(OutputError, match="cannot be written") as caught:
            FeatureCache(folder)
        assert str(folder / CACHE_FILE) in str(caught.value)


@pytest.mark.parametrize("limit", [1_000, 20_000, 100_000, 300_000])
def test_a_full_disk_is_said_and_what_is_kept_stays_readable(tmp_path: Path, limit: int) -> None:
    said = python(LIMITED, str(limit), folder=tmp_path)

    message, stored = said.stdout.splitlines()
    assert message.startswith("cache/features.sqlite cannot be written: ")
    assert said.stderr == ""
    with FeatureCache(tmp_path / "cache") as cache:
        assert len(cache.known_content("recipe")) == int(stored)
    assert not (tmp_path / "cache" / "features.damaged").exists()


def test_a_cache_that_may_only_be_read_is_read() -> None:
    with TemporaryDirectory() as name:  # SQLite asks for every folder above
        folder = Path(name)
        folder.chmod(0o755)
        fill(folder / "cache", 5, "recipe").chmod(0o444)
        (folder / "cache").chmod(0o555)

        said = python(READ_ONLY, folder=folder)

    assert said.stderr == ""
    assert said.stdout.splitlines() == [
        "5",
        "cache/features.sqlite cannot be written: attempt to write a readonly database.",
    ]


def test_another_process_that_writes_is_waited_for(tmp_path: Path) -> None:
    path = fill(tmp_path, 1)
    with start_python(HOLDING, path) as other, FeatureCache(tmp_path) as cache:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        Timer(0.2, other.stdin.close).start()

        cache.store([(state_of(1), entry_of(1))], RECIPE)

        assert len(cache.known_content(RECIPE)) == 2


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

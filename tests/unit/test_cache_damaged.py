"""A cache that is damaged, or in a place that does not take it."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

import pytest

from poets.errors import OutputError
from poets.features.cache import CACHE_FILE, FeatureCache
from tests.support.caching import RECIPE, N, entry_of, fill, state_of
from tests.support.downloads import names_in
from tests.support.processes import NO_RIGHTS, python, start_python

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

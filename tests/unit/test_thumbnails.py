"""Small pictures of pictures: upright, kept, and never made twice."""

import io
import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from PIL import Image

from poets.features.cache import CACHE_FILE, FeatureCache
from poets.features.thumbnails import SIDE, thumbnails
from tests.support.pictures import encoded, gradient, paint_folders
from tests.support.processes import NO_RIGHTS, python, start_python

ORIENTATION = 0x0112
# How an upright picture is stored so that this orientation shows it upright again.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}
MAKE = """
import hashlib, sys
from pathlib import Path
from poets.features.cache import FeatureCache
from poets.features.thumbnails import thumbnails
paths = sorted(Path("images").rglob("*.png"))
sys.stdin.readline()
with FeatureCache(Path("cache")) as cache:
    print(hashlib.sha256(b"".join(thumbnails(cache, paths))).hexdigest())
"""
READ_ONLY = f"""
from pathlib import Path
from poets.features.cache import FeatureCache
from poets.features.thumbnails import thumbnails
from PIL import Image
Image.init()
{NO_RIGHTS}
with FeatureCache(Path("cache")) as cache:
    print([len(jpeg) > 100 for jpeg in thumbnails(cache, [Path("photo.jpg")])])
"""


def make(folder: Path, *paths: Path) -> tuple[bytes, ...]:
    with FeatureCache(folder) as cache:
        return thumbnails(cache, paths)


def photo(path: Path, width: int = 640, height: int = 480, **options: object) -> Path:
    path.write_bytes(encoded(gradient(width, height), "JPEG", quality=95, **options))
    return path


def pixels(jpeg: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        return np.asarray(image).astype(np.int64)


def overwrite(path: Path) -> None:
    """Put something else of the same size in its place, so that nobody can tell."""
    status = path.stat()
    path.write_bytes(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 480), (SIDE, 96)),
        ((480, 640), (96, SIDE)),
        ((28, 28), (28, 28)),
        ((5000, 2), (SIDE, 1)),
    ],
)
def test_the_longer_side_is_limited_and_nothing_grows(
    tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    (jpeg,) = make(tmp_path, photo(tmp_path / "photo.jpg", *size))

    height, width, channels = pixels(jpeg).shape
    assert (width, height, channels) == (*expected, 3)


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_a_turned_picture_is_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    upright = gradient(320, 200)
    turn = STORED[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = upright if turn is None else upright.transpose(turn)
    (tmp_path / "photo").write_bytes(encoded(stored, kind, exif=exif))

    (jpeg,) = make(tmp_path, tmp_path / "photo")

    expected = np.asarray(upright.resize((SIDE, 80), Image.Resampling.BILINEAR)).astype(int)
    assert pixels(jpeg).shape == expected.shape
    assert np.abs(pixels(jpeg) - expected).mean() < 4


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(Image.new("RGBA", (40, 40), (255, 0, 0, 0))))

    (jpeg,) = make(tmp_path, tmp_path / "a.png")

    assert pixels(jpeg).min() == 255


def test_what_is_no_picture_has_none_and_the_others_keep_their_places(tmp_path: Path) -> None:
    good = photo(tmp_path / "good.jpg")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("not a picture")
    (tmp_path / "cut.jpg").write_bytes(good.read_bytes()[:2000])
    os.mkfifo(tmp_path / "pipe.jpg")
    names = ["empty", "text", "cut", "pipe", "missing"]
    paths = [good, *(tmp_path / f"{name}.jpg" for name in names), good]

    for _ in range(2):
        made = make(tmp_path, *paths)

        assert [len(jpeg) > 0 for jpeg in made] == [True] + [False] * len(names) + [True]
        assert made[0] == made[-1]


def test_none_are_asked_for(tmp_path: Path) -> None:
    assert make(tmp_path) == ()


@pytest.mark.parametrize("name", ["a photo.jpg", "gänseblümchen_花.jpg", "a\nb.jpg", "'; DROP"])
def test_a_warm_run_opens_no_picture(tmp_path: Path, name: str) -> None:
    path = photo(tmp_path / name)
    (tmp_path / "broken.jpg").write_text("not a picture")
    made = make(tmp_path, path, tmp_path / "broken.jpg")
    overwrite(path)
    photo(tmp_path / "other.jpg")
    os.truncate(tmp_path / "other.jpg", 0)

    assert make(tmp_path, path, tmp_path / "broken.jpg") == made
    assert len(made[0]) > 100


def test_a_changed_picture_is_made_anew(tmp_path: Path) -> None:
    path = photo(tmp_path / "photo.jpg")
    (before,) = make(tmp_path, path)

    photo(path, 300, 300)

    (after,) = make(tmp_path, path)
    assert pixels(before).shape[:2] == (96, SIDE)
    assert pixels(after).shape[:2] == (SIDE, SIDE)


def test_a_copy_has_the_same_and_takes_no_room(tmp_path: Path) -> None:
    path = photo(tmp_path / "photo.jpg")
    shutil.copy(path, tmp_path / "copy.jpg")

    one, two = make(tmp_path, path, tmp_path / "copy.jpg")

    assert one == two
    with closing(sqlite3.connect(tmp_path / CACHE_FILE)) as connection:
        assert connection.execute("SELECT count(*) FROM thumbnails").fetchone() == (1,)
    overwrite(tmp_path / "copy.jpg")
    assert make(tmp_path, tmp_path / "copy.jpg") == (one,)


def test_the_same_picture_makes_the_same_bytes_in_every_cache(tmp_path: Path) -> None:
    path = photo(tmp_path / "photo.jpg")

    assert make(tmp_path / "a", path) == make(tmp_path / "b", path)


def test_two_processes_make_them_at_once(tmp_path: Path) -> None:
    paint_folders(tmp_path / "images", 100)
    programs = [start_python(f"import os; os.chdir({str(tmp_path)!r})\n{MAKE}") for _ in range(2)]
    for program in programs:  # both stand ready before either begins
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()

    said = [program.communicate(timeout=60)[0] for program in programs]

    assert [program.returncode for program in programs] == [0, 0]
    assert said[0] == said[1]
    with closing(sqlite3.connect(tmp_path / "cache" / CACHE_FILE)) as connection:
        assert connection.execute("SELECT count(*) FROM thumbnails").fetchone() == (300,)


@pytest.mark.parametrize("seed", range(9))
def test_a_damaged_cache_costs_no_picture(tmp_path: Path, seed: int) -> None:
    paths = sorted(paint_folders(tmp_path / "images", 40).rglob("*.png"))
    made = make(tmp_path / "cache", *paths)
    cache = tmp_path / "cache" / CACHE_FILE
    content = bytearray(cache.read_bytes())
    rng = random.Random(seed)
    at = 16384 + rng.randrange(len(content) - 16384)
    content[at : at + 20_000] = rng.randbytes(min(20_000, len(content) - at))
    cache.write_bytes(content)

    again = make(tmp_path / "cache", *paths)

    assert again == made


def test_a_cache_that_may_only_be_read_is_no_obstacle() -> None:
    with TemporaryDirectory() as name:  # SQLite asks for every folder above
        folder = Path(name)
        folder.chmod(0o755)
        photo(folder / "photo.jpg")
        with FeatureCache(folder / "cache"):
            pass
        with closing(sqlite3.connect(folder / "cache" / CACHE_FILE)) as connection:
            connection.execute("DROP TABLE thumbnails")  # as an earlier version left it
        (folder / "cache" / CACHE_FILE).chmod(0o444)
        (folder / "cache").chmod(0o555)

        said = python(READ_ONLY, folder=folder)

    assert said.stderr == ""
    assert said.stdout == "[True]\n"

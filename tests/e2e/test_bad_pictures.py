"""Files that are no pictures: skipped with the reason, refused with --strict, never touched."""

import os
import re
import shutil
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import Output, run_in
from tests.support.desk import Desk, contents, refusal
from tests.support.pictures import COLOURS, encoded, noisy

RED = COLOURS["red"]


def png(width: int, height: int) -> bytes:
    """A PNG that is nearly all header."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1000))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


JPEG = encoded(noisy(RED, seed=1, side=64), "JPEG", quality=95)
BAD: dict[str, tuple[bytes, str]] = {  # what is in the file, and what is said of it
    "empty.jpg": (b"", "an empty file"),
    "text.jpg": (b"hello", "not a picture"),
    "page.jpg": (b"<!doctype html><html>404</html>", "not a picture"),
    "noise.png": (bytes(range(1, 256)), "not a picture"),
    "truncated.jpg": (JPEG[: len(JPEG) // 2], "truncated: the file ends before the picture does"),
    "header.jpg": (JPEG[:20], "not a picture"),
    "phone.heic": (b"\0\0\0\x18ftypheic" + bytes(16), "a HEIC picture; convert it to JPEG"),
    "large.png": (png(20_000, 20_000), "more than 178,956,970 pixels"),
    "largest.png": (png(2**31 - 1, 2**31 - 1), "more than 178,956,970 pixels"),
    "flat.png": (png(0, 10), "not a picture"),
    "short.png": (png(2_000, 2_000), "truncated: the file ends before the picture does"),
    "\x1b]0;title\x07.jpg": (b"x", "not a picture"),
}
LINKS = {  # to what, and what is said
    "dangling.jpg": ("nowhere.jpg", "no such file or directory"),
    "loop.jpg": ("loop.jpg", "too many levels of symbolic links"),
    "device.jpg": ("/dev/zero", "not a file"),
}
REASONS = {name: reason for name, (_, reason) in (BAD | LINKS).items()} | {"pipe.jpg": "not a file"}
GOOD = (
    "UPPER.JPG",
    "no_suffix",
    "wrong_suffix.txt",
    "space and 'quotes\".jpg",
    "ünï 🌹 色.jpg",
    "two\nlines.jpg",
    "-rf.jpg",
    os.fsdecode(b"latin_\xe9.jpg"),
    "n" * 251 + ".jpg",
)


@pytest.fixture(scope="module")
def messy(first_desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk among whose red pictures are files of every kind."""
    desk = Desk(tmp_path_factory.mktemp("messy"), first_desk.models)
    shutil.copytree(first_desk.pictures, desk.pictures)
    red = desk.pictures / "red"
    for name, (content, _) in BAD.items():
        (red / name).write_bytes(content)
    for name, (target, _) in LINKS.items():
        (red / name).symlink_to(target)
    os.mkfifo(red / "pipe.jpg")
    (red / "folder.jpg").mkdir()
    for seed, name in enumerate(GOOD):
        (red / name).write_bytes(encoded(noisy(RED, seed=100 + seed), "JPEG"))
    for name in (".hidden.jpg", "Thumbs.db", "desktop.ini"):
        (red / name).write_bytes(b"litter")
    return desk


@pytest.fixture(scope="module")
def output(messy: Desk) -> Output:
    """What `retrain` says of it."""
    before = contents(messy.pictures)
    output = messy.retrain()
    assert output.returncode == 0, output.stderr
    assert contents(messy.pictures) == before
    return output


def skipped(output: Output) -> dict[str, str]:
    lines = re.findall(r"^Skipped    pictures/red/(.+?): (.+)$", output.stderr, re.MULTILINE)
    return dict(lines)


@pytest.mark.parametrize("name", REASONS)
def test_a_file_that_is_no_picture_is_skipped_with_the_reason(name: str, output: Output) -> None:
    shown = name.replace("\x1b", r"\x1b").replace("\x07", r"\x07")
    assert skipped(output)[shown] == REASONS[name]


def test_nothing_else_is_skipped_and_the_rest_is_trained_on(output: Output) -> None:
    good = 3 * 8 + len(GOOD)
    counts = f"Features   0 from the cache, {good} new, {len(REASONS)} skipped"
    assert counts in output.stderr
    assert len(skipped(output)) == len(REASONS)
    assert "\x1b" not in output.stderr


def test_strict_refuses_them_all_by_name_and_writes_nothing(messy: Desk, tmp_path: Path) -> None:
    for name in (".jpg", ".pb"):
        (tmp_path / f"kept{name}").write_bytes(b"kept")
    graph = tmp_path / "graph.pb"
    message = refusal(messy.retrain("--strict", "--output_graph", graph), 3)
    assert "pictures/red/truncated.jpg: truncated: the file ends" in message
    assert "pictures/red/folder.jpg" not in message
    assert "leave --strict out to skip them" in message
    assert {path.name for path in tmp_path.iterdir()} == {"kept.jpg", "kept.pb"}


def test_label_image_says_the_same_of_each(messy: Desk, output: Output) -> None:
    del output  # there is a graph now
    names = [f"pictures/red/{name}" for name in REASONS]
    listed = messy.label(*names)
    assert listed.returncode == 3
    told = [line.split(" cannot be read: ")[1] for line in listed.stdout.splitlines()]
    assert told == list(REASONS.values())


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG", "MPO"])
def test_a_picture_of_every_format_is_read(kind: str, used_desk: Desk) -> None:
    (used_desk.folder / "picture").write_bytes(encoded(noisy(RED, seed=7), kind))
    output = used_desk.label("picture")
    assert output.stdout.splitlines()[3].startswith("red "), output.stderr


def test_pictures_are_known_by_their_content_not_by_their_name(desk: Desk) -> None:
    for number, path in enumerate(sorted((desk.pictures / "blue").iterdir())):
        path.rename(path.with_name(f"{number}.gif"))
    assert desk.retrain("--strict").returncode == 0


@pytest.fixture
def without_rights() -> Iterator[tuple[str, ...]]:
    """Words before a command for which permissions count, also where the user is root."""
    if os.geteuid():
        yield ()
    elif shutil.which("setpriv"):
        yield ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    else:
        pytest.skip("root may read anything")


def test_a_picture_that_may_not_be_read_is_skipped(
    desk: Desk, without_rights: tuple[str, ...]
) -> None:
    (desk.pictures / "red" / "red_000.png").chmod(0)
    output = run_in(desk.folder, *without_rights, *desk.arguments())
    assert output.returncode == 0, output.stderr
    assert skipped(output) == {"red_000.png": "permission denied"}


def test_a_folder_that_may_not_be_read_is_refused(
    desk: Desk, without_rights: tuple[str, ...]
) -> None:
    (desk.pictures / "red").chmod(0)
    output = run_in(desk.folder, *without_rights, *desk.arguments())
    (desk.pictures / "red").chmod(0o755)
    message = refusal(output, 3)
    assert message == "Error: pictures/red: Permission denied.\n  Make the folder readable.\n"

"""Files that are no pictures, or no longer: one reason, in one line, and never anything else."""

import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poets.decode import MAX_BYTES, UnreadableImageError, decode, read_file
from poets.preprocess import Preprocess
from tests.support.pictures import encoded, gradient
from tests.support.processes import NO_RIGHTS, python

SIZE = (24, 32)
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF")
SAMPLES = {kind: encoded(gradient(40, 30), kind) for kind in FORMATS}
PHOTO = encoded(gradient(300, 200), "JPEG")
DRAWING = encoded(gradient(300, 200), "PNG")

UNREADABLE = f"""
from pathlib import Path
from poets.decode import UnreadableImageError, read_file
{NO_RIGHTS}
try:
    read_file(Path("photo.jpg"))
except UnreadableImageError as error:
    print(error)
"""

WITHOUT_LIMIT = """
from pathlib import Path
from PIL import Image
from poets.decode import UnreadableImageError, decode
Image.MAX_IMAGE_PIXELS = None
try:
    decode(Path("huge.png").read_bytes(), (8, 8))
except UnreadableImageError as error:
    print(error)
"""


def reason_of(content: bytes) -> str:
    with pytest.raises(UnreadableImageError) as caught:
        decode(content, SIZE)
    return str(caught.value)


def read_or_refuse(content: bytes) -> None:
    """Fail unless the content is a picture or is refused in one printable line."""
    shape, reason = (*SIZE, 3), "none"
    try:
        shape = decode(content, SIZE).shape
    except UnreadableImageError as error:
        reason = str(error)
    assert shape == (*SIZE, 3)
    assert reason
    assert reason.isprintable()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and ends there."""
    data = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    header = struct.pack(">I", 13) + data + struct.pack(">I", zlib.crc32(data))
    nothing = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    return b"\x89PNG\r\n\x1a\n" + header + nothing


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty file"),
        (b"no picture at all", "not a picture"),
        (b"\0" * 1000, "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100), "a HEIC picture; convert it"),
        (encoded(gradient().convert("F"), "TIFF"), "floating-point pixels; save it with 8"),
        (b"\0\0\0\x18ftyphevc\0\0\0\0mif1hevc" + bytes(100), "a HEIC picture; convert it"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(100), "a HEIC picture; convert it"),
    ],
)
def test_what_is_no_picture_is_said_to_be_none(content: bytes, reason: str) -> None:
    assert reason_of(content).startswith(reason)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
@pytest.mark.parametrize("content", [PHOTO, DRAWING], ids=["JPEG", "PNG"])
def test_a_picture_that_was_cut_off_is_said_to_be(content: bytes, share: float) -> None:
    reason = reason_of(content[: int(len(content) * share)])

    assert reason == "truncated: the file ends before the picture does"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_cut_off_anywhere_is_read_or_refused(kind: str) -> None:
    content = SAMPLES[kind]

    for length in {*range(0, len(content), max(1, len(content) // 100)), len(content) - 1}:
        read_or_refuse(content[:length])


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (1, 178_956_971), (65_535, 4_000)])
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(
    width: int, height: int
) -> None:
    assert "178,956,970" in reason_of(png_header(width, height))


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (2**31, 1), (2**32 - 1, 2**32 - 1)])
def test_a_picture_of_an_impossible_size_is_refused(width: int, height: int) -> None:
    read_or_refuse(png_header(width, height))
    reason_of(png_header(width, height))


def test_the_limit_holds_where_a_program_took_away_pillow_s_own(tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(png_header(20_000, 20_000))

    said = python(WITHOUT_LIMIT, folder=tmp_path)

    assert said.stdout == "20,000 x 20,000 pixels; the limit is 178,956,970\n"


def test_a_huge_picture_of_another_format_is_refused() -> None:
    bitmap = bytearray(SAMPLES["BMP"])
    struct.pack_into("<ii", bitmap, 18, 100_000, 100_000)
    canvas = bytearray(SAMPLES["GIF"])
    struct.pack_into("<HH", canvas, 6, 65_535, 65_535)

    assert "178,956,970" in reason_of(bytes(bitmap))
    assert "178,956,970" in reason_of(bytes(canvas))


def test_notes_that_unpack_to_gigabytes_are_refused() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    data = b"zTXtcomment\0\0" + bomb
    chunk = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))

    reason = reason_of(DRAWING[:33] + chunk + DRAWING[33:])

    assert "too large" in reason


@given(content=st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(content: bytes) -> None:
    read_or_refuse(content)


@given(data=st.data(), kind=st.sampled_from(FORMATS))
@settings(deadline=None, suppress_health_check=[HealthCheck.data_too_large])
def test_damaged_pictures_are_read_or_refused(data: st.DataObject, kind: str) -> None:
    read_or_refuse(damaged(data, kind))


@pytest.mark.slow
@given(data=st.data(), kind=st.sampled_from(FORMATS))
@settings(deadline=None, max_examples=5_000)
def test_very_many_damaged_pictures_are_read_or_refused(data: st.DataObject, kind: str) -> None:
    read_or_refuse(damaged(data, kind))


def damaged(data: st.DataObject, kind: str) -> bytes:
    """A picture with some bytes overwritten, most of them where the headers are."""
    content = bytearray(SAMPLES[kind])
    where = st.integers(0, min(100, len(content) - 1)) | st.integers(0, len(content) - 1)
    for position in data.draw(st.lists(where, min_size=1, max_size=8)):
        content[position] = data.draw(st.integers(0, 255))
    return bytes(content[: data.draw(st.integers(20, len(content)))])


# Reading the file


def test_a_file_s_bytes_are_read(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(PHOTO)

    assert read_file(tmp_path / "photo.jpg") == PHOTO


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for a writer for ever

    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(UnreadableImageError, match=r"^not a file$"):
            read_file(path)


@pytest.mark.parametrize("name", ["missing.jpg", "loop.jpg", "a" * 300, "photo.jpg/below"])
def test_a_file_that_cannot_be_opened_is_given_the_system_s_reason(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")

    with pytest.raises(UnreadableImageError, match=r"^(no such|too many|file name|not a dir)"):
        read_file(tmp_path / name)


def test_a_file_that_may_not_be_read_is_given_the_system_s_reason(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    (tmp_path / "photo.jpg").chmod(0)

    assert python(UNREADABLE, folder=tmp_path).stdout == "permission denied\n"


def test_a_file_that_no_picture_fills_is_not_read_into_memory(tmp_path: Path) -> None:
    with (tmp_path / "photo.jpg").open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    with pytest.raises(UnreadableImageError, match="bytes; the limit is 536,870,912"):
        read_file(tmp_path / "photo.jpg")


def test_the_way_from_a_file_to_numbers_gives_the_reason_too(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")

    with pytest.raises(UnreadableImageError, match="an empty file"):
        Preprocess(8, 8, mean=0, std=1).load(tmp_path / "photo.jpg")

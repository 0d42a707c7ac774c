import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poets.check.headers import LARGE_BYTES, Header, header_findings, read_headers
from poets.images import LabeledImage
from poets.report import Reporter
from tests.support.pictures import encoded, gradient
from tests.support.planting import cut, png_that_claims, tagged, with_a_tail_of_zeros

PNG, JPEG, GIF, BMP, WEBP = (
    encoded(gradient(), kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP")
)
HEIC = b"\0\0\0\x18ftypheic" + bytes(40)


def look(path: Path, content: bytes) -> tuple[Header, dict[str, str]]:
    path.write_bytes(content)
    return look_at(path)


def look_at(path: Path) -> tuple[Header, dict[str, str]]:
    image = LabeledImage("rose", path)
    (header,) = read_headers([image], Reporter())
    findings = list(header_findings([header], {image}))
    assert all(one.paths == (path,) and one.labels == ("rose",) for one in findings)
    return header, {one.kind: one.message for one in findings}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("a.jpg", JPEG), ("a.JPEG", JPEG), ("a.jfif", JPEG), ("a.Png", PNG), ("a.apng", PNG)),
        *(("a.gif", GIF), ("a.bmp", BMP), ("a.dib", BMP), ("a.webp", WEBP), ("a.b.png", PNG)),
    ],
)
def test_a_name_that_fits_is_no_finding(tmp_path: Path, name: str, content: bytes) -> None:
    assert look(tmp_path / name, content)[1] == {}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jpg", PNG, "named .jpg, but PNG"),
        ("a.PNG", JPEG, "named .PNG, but JPEG"),
        ("a", JPEG, "no extension, but JPEG"),
        ("a.jpg?w=640", GIF, ".jpg?w=640 is no picture's extension, but GIF"),
        ("a.heic", JPEG, "named .heic, but JPEG"),
        ("a.jpg", HEIC, "named .jpg, but HEIC"),
        ("a.jpg", b"\0\0\0\x1cftypavif" + bytes(40), "named .jpg, but AVIF"),
        ("a.jpg", b"\0\0\0\x18ftypcrx " + bytes(40), "named .jpg, but a camera's raw picture"),
        ("a.jpg", b"\0\0\0\x14ftypqt  " + bytes(40), "named .jpg, but a video"),
        ("a.jpg", b"buy roses\n", "named .jpg, but text"),
        ("a.png", "🌷 ".encode() * 200, "named .png, but text"),
        ("a.jpg", b"\xef\xbb\xbf <!DOCTYPE html>", "named .jpg, but a web page or SVG"),
        ("a.gif", b"PK\x03\x04\x14\0", "named .gif, but a zip archive"),
        ("a.jpg", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ],
)
def test_a_name_that_does_not_fit_is_found(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    header, findings = look(tmp_path / name, content)

    assert said in findings.pop("mis-named")
    assert findings == {}
    assert header.format


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.txt", b"buy roses"), ("a.jpg", b""), ("a.jpg", b"\x91\x02\xff"), ("a.heic", HEIC)],
)
def test_what_names_nothing_else_is_not_mis_named(
    tmp_path: Path, name: str, content: bytes
) -> None:
    assert look(tmp_path / name, content)[1] == {}


@pytest.mark.parametrize(("side", "expected"), [(5_000, False), (5_001, True), (13_000, True)])
def test_a_picture_of_very_many_pixels_is_oversized(
    tmp_path: Path, side: int, *, expected: bool
) -> None:
    assert ("oversized" in look(tmp_path / "a.png", png_that_claims(side, side))[1]) is expected


def test_what_cannot_even_be_read_is_not_called_oversized(tmp_path: Path) -> None:
    assert look(tmp_path / "a.png", png_that_claims(13_500, 13_500))[1] == {}


def test_a_file_of_very_many_bytes_is_oversized(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    os.truncate(path, LARGE_BYTES + 1_000_000)  # a sparse file

    assert look_at(path)[1] == {"oversized": "26 MB"}


def test_a_jpeg_whose_end_never_arrived_is_found_though_it_can_be_decoded(tmp_path: Path) -> None:
    unfinished = with_a_tail_of_zeros(JPEG, 0.9, 2)

    assert "truncated" in look(tmp_path / "a.jpg", unfinished)[1]


@pytest.mark.parametrize("content", [JPEG, JPEG + bytes(200), JPEG + b"more" * 50])
def test_a_jpeg_with_its_end_is_whole_whatever_follows(tmp_path: Path, content: bytes) -> None:
    assert look(tmp_path / "a.jpg", content)[1] == {}


def test_a_picture_that_cannot_be_read_is_not_found_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(with_a_tail_of_zeros(JPEG))
    headers = read_headers([LabeledImage("rose", path)], Reporter())

    assert headers[0].is_cut
    assert list(header_findings(headers, set())) == []


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "gone.jpg").symlink_to("nowhere")

    for name in ("pipe.jpg", "loop.jpg", "gone.jpg", "missing.jpg"):
        assert look_at(tmp_path / name) == (Header(LabeledImage("rose", tmp_path / name)), {})


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_file_stops_the_doctor(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(data.draw(st.sampled_from([JPEG, PNG, GIF, tagged(gradient(), 6), b""])))
    for _ in range(data.draw(st.integers(0, 8)) if content else 0):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    broken = cut(bytes(content), data.draw(st.floats(0, 1))) + data.draw(st.binary(max_size=20))

    header, findings = look(tmp_path_factory.getbasetemp() / "fuzzed.jpg", broken)

    assert header.n_bytes == len(broken)
    assert set(findings) <= {"mis-named", "oversized", "truncated", "wrong-rotation"}

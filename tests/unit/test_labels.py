import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poets.errors import DataError, ModelError
from poets.labels import check_label, encode_labels, read_labels, write_labels

UNICODE = ("daisy", "Rose-1", "rose_1", "ромашка", "🌷 tulip", "a\u2028b", "a\x0bb", " spaces ")
# What a folder can be called, and a line can hold.
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0/"), min_size=1)


def test_one_label_a_line_in_their_order_with_a_newline_at_the_end(tmp_path: Path) -> None:
    write_labels(["tulips", "daisy"], tmp_path / "labels.txt")

    assert (tmp_path / "labels.txt").read_bytes() == b"tulips\ndaisy\n"


def test_labels_of_every_kind_come_back_as_they_were(tmp_path: Path) -> None:
    write_labels(UNICODE, tmp_path / "labels.txt")

    assert read_labels(tmp_path / "labels.txt") == UNICODE


@given(labels=st.lists(names, min_size=1).map(tuple))
def test_whatever_a_folder_can_be_called_comes_back(
    labels: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "labels.txt"
    for label in labels:
        check_label(label, Path(label))

    path.write_bytes(encode_labels(labels))

    assert read_labels(path) == labels


@pytest.mark.parametrize(
    "content",
    [b"daisy\nroses\n", b"daisy\nroses", b"daisy\r\nroses\r\n", b"\xef\xbb\xbfdaisy\nroses\n\n\n"],
)
def test_files_of_other_tools_are_read_too(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(content)

    assert read_labels(path) == ("daisy", "roses")


def test_a_file_of_another_encoding_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes("Gänseblümchen\n".encode("latin-1"))

    with pytest.raises(ModelError, match=r"labels\.txt is no labels file: it is not UTF-8"):
        read_labels(path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.txt", "No such file"), (".", "Is a directory"), ("a" * 300, "name too long")],
)
def test_a_file_that_cannot_be_read_is_named_with_the_flag(
    tmp_path: Path, name: str, reason: str
) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        read_labels(tmp_path / name)

    assert str(tmp_path / name) in str(caught.value)
    assert "--labels" in caught.value.hint


@pytest.mark.parametrize("name", ["two\nlines", "two\rlines", "\n"])
def test_a_name_that_a_line_cannot_hold_is_no_label(name: str) -> None:
    with pytest.raises(DataError, match="line break") as caught:
        check_label(name, Path("flowers") / name)

    assert str(caught.value).isprintable()
    assert "Rename" in caught.value.hint


def test_a_name_that_is_no_text_is_no_label() -> None:
    name = os.fsdecode(b"ros\xe9s")

    with pytest.raises(DataError, match="not UTF-8") as caught:
        check_label(name, Path("flowers") / name)

    assert str(caught.value).isascii()

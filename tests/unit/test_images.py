import os
import unicodedata
from pathlib import Path

import pytest

from poets.errors import DataError
from poets.images import LabeledImage, count_labels, find_images
from tests.support.processes import NO_RIGHTS, python

FOUND = f"""
import sys
from pathlib import Path
from poets.errors import DataError
from poets.images import find_images
{NO_RIGHTS}
try:
    find_images(Path(sys.argv[1]))
except DataError as error:
    print(error)
"""


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def names_of(images: tuple[LabeledImage, ...], folder: Path) -> list[str]:
    assert all(image.path.parent.name == image.label for image in images)
    return [str(image.path.relative_to(folder)) for image in images]


def test_the_files_of_each_folder_are_listed_in_order_whatever_their_names(tmp_path: Path) -> None:
    touch(tmp_path, "roses/b.PNG", "roses/a.Jpg", "daisy/c", "daisy/b.txt", "Rose-1/z.gif")

    images = find_images(tmp_path)

    assert names_of(images, tmp_path) == [
        *("Rose-1/z.gif", "daisy/b.txt", "daisy/c", "roses/a.Jpg", "roses/b.PNG"),
    ]
    assert count_labels(images) == {"Rose-1": 1, "daisy": 2, "roses": 2}


def test_what_hides_and_what_file_managers_leave_is_no_picture(tmp_path: Path) -> None:
    touch(tmp_path, "daisy/1.jpg", "daisy/.DS_Store", "daisy/Thumbs.db", "roses/desktop.ini")
    touch(tmp_path, ".cache/1.jpg", "LICENSE.txt", "daisy/.hidden.jpg", "__MACOSX/._1.jpg")

    assert names_of(find_images(tmp_path), tmp_path) == ["daisy/1.jpg"]


def test_folders_inside_a_label_s_folder_and_empty_ones_are_no_labels(tmp_path: Path) -> None:
    touch(tmp_path, "daisy/1.jpg", "daisy/more/2.jpg")
    (tmp_path / "empty").mkdir()

    images = find_images(tmp_path)

    assert names_of(images, tmp_path) == ["daisy/1.jpg"]
    assert count_labels(images) == {"daisy": 1}


def test_links_are_followed_and_broken_ones_stand_for_unreadable_pictures(tmp_path: Path) -> None:
    touch(tmp_path, "elsewhere/1.jpg", "pictures/roses/2.jpg")
    (tmp_path / "pictures" / "daisy").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "pictures" / "roses" / "3.jpg").symlink_to("nowhere")
    (tmp_path / "pictures" / "loop").symlink_to("loop")

    images = find_images(tmp_path / "pictures")

    found = names_of(images, tmp_path / "pictures")
    assert found == ["daisy/1.jpg", "roses/2.jpg", "roses/3.jpg"]


def test_a_folder_s_name_is_the_label_in_one_spelling(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Gänseblümchen")
    touch(tmp_path, f"{decomposed}/1.jpg", "ромашка/2.jpg", "🌷/3.jpg", "two words/4.jpg")

    images = find_images(tmp_path)

    assert set(count_labels(images)) == {"Gänseblümchen", "ромашка", "🌷", "two words"}
    assert all(image.path.is_file() for image in images)


def test_two_spellings_of_one_label_are_refused_rather_than_mixed(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        touch(tmp_path, f"{unicodedata.normalize(form, 'café')}/1.jpg")

    with pytest.raises(DataError, match="are one label") as caught:
        find_images(tmp_path)

    assert "Rename" in caught.value.hint


@pytest.mark.parametrize("name", [b"ros\xe9s", b"two\nlines"])
def test_a_folder_that_cannot_be_a_label_is_refused(tmp_path: Path, name: bytes) -> None:
    touch(tmp_path, f"{os.fsdecode(name)}/1.jpg")

    with pytest.raises(DataError, match="the name"):
        find_images(tmp_path)


def test_files_of_any_name_can_be_pictures(tmp_path: Path) -> None:
    names = [os.fsdecode(b"\xff\xfe.jpg"), "a\nb.jpg", "-rf.jpg", "~", "%s{}.jpg"]
    touch(tmp_path, *(f"daisy/{name}" for name in names))

    assert sorted(image.path.name for image in find_images(tmp_path)) == sorted(names)


def test_a_missing_folder_is_named_with_its_nearest_neighbour(tmp_path: Path) -> None:
    (tmp_path / "flowers").mkdir()

    with pytest.raises(DataError, match="no such folder") as caught:
        find_images(tmp_path / "flowrs")

    assert str(caught.value) == f"{tmp_path}/flowrs: no such folder. Did you mean 'flowers'?"
    assert "One sub-folder" in caught.value.hint


def test_a_missing_folder_in_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no such folder\.$"):
        find_images(tmp_path / "a" / "b")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    touch(tmp_path, "photo.jpg")

    with pytest.raises(DataError, match="is a file, not a folder"):
        find_images(tmp_path / "photo.jpg")


@pytest.mark.parametrize("content", [(), ("1.jpg", "2.jpg"), ("daisy/more/1.jpg",)])
def test_a_folder_without_labels_is_refused_with_the_layout(
    tmp_path: Path, content: tuple[str, ...]
) -> None:
    touch(tmp_path, *content)

    with pytest.raises(DataError, match="No valid folders of images found at") as caught:
        find_images(tmp_path)

    assert "FOLDER/daisy/1.jpg" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "mode", "named"),
    [
        ("photos", 0o000, "photos"),
        ("photos", 0o444, "photos/daisy"),
        ("photos", 0o111, "photos"),
        ("photos/daisy", 0o000, "photos/daisy"),
        ("photos/daisy", 0o444, "photos/daisy/1.jpg"),
        (".", 0o000, "photos"),
    ],
)
def test_a_folder_that_may_not_be_read_is_named(
    tmp_path: Path, name: str, mode: int, named: str
) -> None:
    touch(tmp_path, "photos/daisy/1.jpg")
    tmp_path.chmod(0o755)
    (tmp_path / name).chmod(mode)

    said = python(FOUND, "photos", folder=tmp_path)

    assert (said.stdout, said.stderr) == (f"{named}: Permission denied.\n", "")


def test_a_path_that_cannot_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="aaa"):
        find_images(tmp_path / ("a" * 300))

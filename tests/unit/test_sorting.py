"""Pictures put into folders by their labels."""

from pathlib import Path

import pytest

from poets.decode import UnreadableImageError
from poets.errors import ModelError, OutputError
from poets.labelling.sorting import check_folder_names, make_folder, sort_picture


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "one.jpg"
    path.parent.mkdir()
    path.write_bytes(b"one")
    return path


def test_a_copy_lies_in_the_labels_folder(picture: Path, tmp_path: Path) -> None:
    target = sort_picture(picture, "rose", tmp_path / "out", move=False)

    assert target == tmp_path / "out" / "rose" / "one.jpg"
    assert target.read_bytes() == picture.read_bytes()


def test_another_picture_of_that_name_is_never_overwritten(picture: Path, tmp_path: Path) -> None:
    there = tmp_path / "out" / "rose" / "one.jpg"
    there.parent.mkdir(parents=True)
    there.write_bytes(b"another")

    target = sort_picture(picture, "rose", tmp_path / "out", move=True)

    assert (there.read_bytes(), target.name, target.read_bytes()) == (
        b"another",
        "one_2.jpg",
        b"one",
    )
    assert not picture.exists()


def test_the_same_picture_is_put_there_once(picture: Path, tmp_path: Path) -> None:
    for _ in range(3):
        sort_picture(picture, "rose", tmp_path / "out", move=False)

    assert [path.name for path in (tmp_path / "out" / "rose").iterdir()] == ["one.jpg"]


def test_moving_a_picture_to_where_it_is_keeps_it(picture: Path, tmp_path: Path) -> None:
    target = sort_picture(picture, "in", tmp_path, move=True)

    assert target == picture
    assert picture.read_bytes() == b"one"


def test_a_folder_that_cannot_be_made_is_an_error_and_the_picture_stays(
    picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be written"):
        sort_picture(picture, "rose", tmp_path / "file", move=True)
    assert picture.read_bytes() == b"one"


def test_a_picture_that_is_gone_is_said_and_leaves_no_file(picture: Path, tmp_path: Path) -> None:
    picture.unlink()
    with pytest.raises(UnreadableImageError, match="no such file"):
        sort_picture(picture, "rose", tmp_path / "out", move=True)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_sorted_into_is_known_before_the_first_picture(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be written"):
        make_folder(tmp_path / "file", ("rose",))
    with pytest.raises(ModelError, match="no name for a folder"):
        make_folder(tmp_path / "new", ("a/b",))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("label", ["../up", "a/b", "..", "", "nul\0"])
def test_a_label_that_leads_elsewhere_is_refused(label: str) -> None:
    with pytest.raises(ModelError, match="no name for a folder"):
        check_folder_names(("rose", label))

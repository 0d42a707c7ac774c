"""Folders that appear whole or not at all, and spare what is not ours."""

from pathlib import Path

import pytest

from poets.errors import OutputError
from poets.export.folders import MANIFEST_FILE, MODEL_FILE, check_folder, replacing_folder
from poets.manifest import Manifest
from poets.preprocess import Preprocess
from tests.support.archives import tree
from tests.support.downloads import names_in

MANIFEST = Manifest(
    labels=("a", "b"),
    preprocess=Preprocess(8, 8, 0.0, 1.0),
    input_name="input",
    output_name="final_result",
    architecture="none",
    backbone_digest="0",
    poets_version="0",
)


def fill(folder: Path, content: str) -> None:
    (folder / MANIFEST_FILE).parent.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST_FILE).write_bytes(MANIFEST.to_json())
    (folder / MODEL_FILE).write_text(content)


def test_a_folder_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "models" / "1"

    with replacing_folder(place) as partial:
        fill(partial, "new")
        assert not place.exists()

    assert (place / MODEL_FILE).read_text() == "new"
    assert names_in(place.parent) == ["1"]


def test_our_own_folder_is_replaced_with_all_that_was_in_it(tmp_path: Path) -> None:
    place = tmp_path / "model"
    fill(place, "old")
    (place / "variables").mkdir()

    with replacing_folder(place) as partial:
        fill(partial, "new")

    assert (place / MODEL_FILE).read_text() == "new"
    assert not (place / "variables").exists()
    assert names_in(tmp_path) == ["model"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()

    with replacing_folder(tmp_path / "model") as partial:
        fill(partial, "new")

    assert (tmp_path / "model" / MODEL_FILE).read_text() == "new"


@pytest.mark.parametrize("content", ["", "{}", '{"labels": ["a"]}'])
def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path, content: str) -> None:
    place = tmp_path / "model"
    fill(place, "somebody's")
    (place / MANIFEST_FILE).write_text(content)
    before = tree(place)

    with pytest.raises(OutputError, match="no SavedModel of poets; it is left alone"):
        check_folder(place)
    with pytest.raises(OutputError, match="it is left alone"), replacing_folder(place) as partial:
        fill(partial, "new")

    assert tree(place) == before
    assert names_in(tmp_path) == ["model"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("mine")

    with pytest.raises(OutputError, match="is a file"):
        check_folder(tmp_path / "model")

    assert (tmp_path / "model").read_text() == "mine"


def test_an_error_leaves_the_old_folder_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "model"
    fill(place, "old")

    def fill_and_fail() -> None:
        with replacing_folder(place) as partial:
            fill(partial, "new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill_and_fail()

    assert (place / MODEL_FILE).read_text() == "old"
    assert names_in(tmp_path) == ["model"]


def test_behind_a_link_the_folder_that_it_names_is_replaced(tmp_path: Path) -> None:
    fill(tmp_path / "model", "old")
    (tmp_path / "link").symlink_to("model")

    with replacing_folder(tmp_path / "link") as partial:
        fill(partial, "new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "model" / MODEL_FILE).read_text() == "new"


def test_a_place_inside_a_file_is_said_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="cannot be written"):
        check_folder(tmp_path / "file" / "model")

import os
import unicodedata
from pathlib import Path

import pytest

from poets.check.findings import Finding
from poets.check.listing import list_pictures
from poets.check.names import name_findings, portable_key, why_unportable
from poets.errors import DataError
from tests.support.processes import NO_RIGHTS, python

LISTED = f"""
import sys
from pathlib import Path
from poets.check.listing import list_pictures
{NO_RIGHTS}
listing = list_pictures(Path(sys.argv[1]))
print(len(listing.images), [(one.kind, one.message, one.labels) for one in listing.findings])
"""


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def found(folder: Path, kind: str) -> list[Finding]:
    return [one for one in name_findings(list_pictures(folder)) if one.kind == kind]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rose", "rose"),
        ("RÖSCHEN", "röschen"),
        (unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "CAFÉ")),
        ("rose", "rose. ."),
        ("ΟΔΟΣ", "οδος"),
    ],
)
def test_names_that_another_file_system_takes_for_one_share_a_key(one: str, other: str) -> None:
    assert portable_key(one) == portable_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("rose", "roses"), ("a b", "ab"), ("é", "e"), ("...", " ")]
)
def test_names_that_differ_everywhere_have_keys_of_their_own(one: str, other: str) -> None:
    assert portable_key(one) != portable_key(other)


@pytest.mark.parametrize(
    "name",
    [
        *("a:b", "what?", 'a"b', "a|b", "a*", "<a>", "back\\slash", "tab\t", "line\n"),
        *("dot.", "space ", "con", "AUX.jpg", "nul.tar.gz", "Com1", "lpt².png", "con .txt"),
        "🌷" * 128,
    ],
)
def test_what_windows_cannot_hold_is_said(name: str) -> None:
    assert why_unportable(name)


@pytest.mark.parametrize(
    "name", ["rose.jpg", "console", "com", "com10", "auxiliary.png", ".hidden", "a b", "🌷" * 127]
)
def test_what_windows_can_hold_is_not_found(name: str) -> None:
    assert not why_unportable(name)


def test_labels_that_differ_in_case_collide_once_and_name_each_folder(tmp_path: Path) -> None:
    folder = fill(tmp_path, "Rose/1.jpg", "rose/1.jpg", "ROSE/1.jpg", "tulip/1.jpg")

    (finding,) = found(folder, "label-collision")

    assert {path.name for path in finding.paths} == {"Rose", "rose", "ROSE"}
    assert set(finding.labels) == {"Rose", "rose", "ROSE"}
    assert "case" in finding.message


def test_labels_that_only_unicode_tells_apart_collide_and_are_shown_as_escapes(
    tmp_path: Path,
) -> None:
    folder = fill(tmp_path, "cafe\u0301/1.jpg", "caf\u00e9/2.jpg")

    (finding,) = found(folder, "label-collision")

    assert finding.labels == ("caf\u00e9",)
    assert "\\u0301" in finding.message
    assert len(list_pictures(folder).images) == 2


def test_files_collide_within_a_label_and_not_across(tmp_path: Path) -> None:
    folder = fill(tmp_path, "rose/A.jpg", "rose/a.jpg", "tulip/a.jpg", "tulip/b.jpg")

    (finding,) = found(folder, "file-collision")

    assert [path.name for path in finding.paths] == ["A.jpg", "a.jpg"]
    assert finding.labels == ("rose",)


@pytest.mark.parametrize("name", [b"ros\xe9s", b"two\nlines"])
def test_a_label_that_training_refuses_stops_nothing(tmp_path: Path, name: bytes) -> None:
    folder = fill(tmp_path, f"{os.fsdecode(name)}/1.jpg", "tulip/1.jpg")

    (finding,) = found(folder, "refused-label")

    assert finding.paths == (folder / os.fsdecode(name),)
    assert len(list_pictures(folder).images) == 2


def test_what_is_not_used_is_named(tmp_path: Path) -> None:
    folder = fill(tmp_path, "rose/1.jpg", "rose/more/2.jpg", "beside.JPG", "LICENSE.txt")
    (folder / "empty").mkdir()

    findings = list_pictures(folder).findings

    assert {one.paths[0].name for one in findings} == {"more", "beside.JPG", "empty"}
    assert {one.kind for one in findings} == {"not-used"}


@pytest.mark.parametrize("content", [(), ("1.jpg",), ("rose/more/1.jpg",)])
def test_a_folder_without_pictures_is_refused_with_the_layout(
    tmp_path: Path, content: tuple[str, ...]
) -> None:
    fill(tmp_path, *content)

    with pytest.raises(DataError, match="No valid folders of images") as caught:
        list_pictures(tmp_path)

    assert "FOLDER/daisy/1.jpg" in caught.value.hint


def test_a_missing_folder_is_named_with_its_nearest_neighbour(tmp_path: Path) -> None:
    (tmp_path / "flowers").mkdir()

    with pytest.raises(DataError, match="Did you mean 'flowers'"):
        list_pictures(tmp_path / "flowrs")


def test_a_folder_that_may_not_be_read_stops_no_other(tmp_path: Path) -> None:
    fill(tmp_path, "photos/rose/1.jpg", "photos/tulip/2.jpg")
    tmp_path.chmod(0o755)
    (tmp_path / "photos" / "rose").chmod(0o000)

    said = python(LISTED, "photos", folder=tmp_path)

    assert said.stderr == ""
    assert said.stdout == "1 [('unreadable', 'permission denied', ('rose',))]\n"

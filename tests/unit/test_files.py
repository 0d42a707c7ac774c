import os
from pathlib import Path

import pytest

from poets.errors import OutputError
from poets.files import check_writable, output_errors, replacing, write_bytes
from tests.support.downloads import names_in
from tests.support.processes import NO_RIGHTS, python

REFUSED = f"""
import sys
from pathlib import Path
from poets.errors import OutputError
from poets.files import check_writable, write_bytes
{NO_RIGHTS}
for action in (check_writable, lambda path: write_bytes(path, b"new")):
    try:
        action(Path(sys.argv[1]))
    except OutputError as error:
        print(error)
"""

FULL = """
import resource, sys
from pathlib import Path
from poets.errors import OutputError
from poets.files import write_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_bytes(Path("file"), bytes(5000))
except OutputError as error:
    print(error)
"""


def test_what_is_written_is_there_with_the_folders_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"

    write_bytes(path, b"content")

    assert path.read_bytes() == b"content"
    assert names_in(path.parent) == ["file"]


def test_what_was_there_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"the old content, which is longer")

    write_bytes(path, b"new")

    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_was_there_outlives_a_failure_and_nothing_half_written_is_left(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(path) as partial:
            partial.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        fail()

    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["file"]


def test_until_the_block_ends_readers_see_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    with replacing(path) as partial:
        partial.write_bytes(b"new")
        assert path.read_bytes() == b"old"

    assert path.read_bytes() == b"new"


def test_a_file_that_is_written_has_the_rights_that_the_user_wants(tmp_path: Path) -> None:
    path = tmp_path / "file"
    mask = os.umask(0o027)
    try:
        write_bytes(path, b"")
    finally:
        os.umask(mask)

    assert path.stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_what_was_there_and_no_trace(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")

    said = python(FULL, folder=tmp_path)

    assert said.stdout == "file cannot be written: file too large.\n"
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names_in(tmp_path) == ["file"]


def test_a_place_that_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    check_writable(path)
    assert names_in(path.parent) == []

    path.write_bytes(b"old")
    check_writable(path)
    assert path.read_bytes() == b"old"
    assert names_in(path.parent) == ["file"]


def test_a_folder_is_no_place_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"is a folder\.") as caught:
        check_writable(tmp_path)

    assert "name of a file" in caught.value.hint


@pytest.mark.parametrize("name", ["file/below", "a" * 300, "a" * 254, "new/" + "b" * 300])
def test_a_place_that_cannot_be_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")

    for action in (check_writable, lambda path: write_bytes(path, b"")):
        with pytest.raises(OutputError, match="cannot be written: ") as caught:
            action(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
        assert "choose another place" in caught.value.hint


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_protected_folder_is_named_before_and_while_writing(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(0o755)
    protected = tmp_path / "protected"
    protected.mkdir(mode=mode)

    said = python(REFUSED, "protected/file", folder=tmp_path)

    assert said.stdout == "protected/file cannot be written: permission denied.\n" * 2
    assert names_in(protected) == []


def test_only_what_the_system_says_becomes_an_output_error(tmp_path: Path) -> None:
    def fail() -> None:
        with output_errors(tmp_path):
            raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        fail()

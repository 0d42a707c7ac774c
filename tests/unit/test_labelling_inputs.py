"""Which pictures a command line means."""

import subprocess
import sys
from pathlib import Path

import pytest

from poets.errors import DataError
from poets.labelling.inputs import each_once, expand


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    for name in ("b.jpg", "a.PNG", "deep/c.webp", ".hidden/d.jpg", "notes.txt", "deep/.e.jpg"):
        path = tmp_path / "garden" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "garden"


def test_a_folder_means_the_pictures_in_it_and_below(garden: Path) -> None:
    found = [str(path.relative_to(garden)) for path in expand([garden])]
    assert found == ["a.PNG", "b.jpg", "deep/c.webp"]


def test_a_named_file_is_meant_whatever_it_is_called(garden: Path) -> None:
    named = [garden / "notes.txt", garden / "no such.jpg", garden / "b.jpg"]
    assert expand(named) == named


def test_a_pattern_that_the_shell_left_alone_is_resolved(garden: Path) -> None:
    assert expand([garden / "*.jpg"]) == [garden / "b.jpg"]
    assert expand([garden / "**" / "*.webp"]) == [garden / "deep" / "c.webp"]
    assert expand([garden / "*.gif"]) == [garden / "*.gif"]


def test_a_folder_that_a_pattern_finds_means_its_pictures_each_once(garden: Path) -> None:
    names = ["notes.txt", "a.PNG", "b.jpg"]
    found = [str(path.relative_to(garden)) for path in expand([garden / "*"])]
    assert sorted(found) == sorted([*names, "deep/c.webp"])
    assert sorted(expand([garden / "**"])) == sorted(expand([garden / "*"]))


def test_a_folder_that_cannot_be_listed_is_said_and_not_passed_over(garden: Path) -> None:
    program = (
        "import os; from pathlib import Path; from poets.labelling.inputs import expand;"
        "from poets.errors import DataError\n"
        f"os.chdir({str(garden)!r}); os.chmod('deep', 0)\n"
        "os.getuid() or (os.setgid(65534), os.setuid(65534))\n"
        "try: print(expand([Path('.')]))\n"
        "except DataError as error: print(error)"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    (garden / "deep").chmod(0o755)
    assert output.stdout.decode().strip() == "./deep: permission denied."


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(garden: Path) -> None:
    odd = garden / "[b].jpg"
    odd.write_bytes(b"x")
    assert expand([odd]) == [odd]


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"x")
    with pytest.raises(DataError, match="no pictures in this folder"):
        expand([tmp_path])


@pytest.mark.parametrize("content", [b"", b"\n\r\n", b"\0\0"], ids=["none", "lines", "print0"])
def test_a_standard_input_without_paths_is_an_error(content: bytes) -> None:
    program = (
        "from pathlib import Path; from poets.labelling.inputs import expand;"
        "from poets.errors import DataError\n"
        "try: expand([Path('-')])\n"
        "except DataError as error: print(error)"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], input=content, capture_output=True, check=True
    )
    assert output.stdout.decode().strip() == "standard input named no pictures."


def test_a_file_is_the_same_however_it_is_spelled_and_a_link_to_it_is_another(
    garden: Path,
) -> None:
    link = garden / "link.jpg"
    link.symlink_to(garden / "b.jpg")
    again = garden / "deep" / ".." / "b.jpg"

    assert each_once([garden / "b.jpg", link, again, link]) == [garden / "b.jpg", link]


@pytest.mark.parametrize(
    "content",
    [b"one.jpg\ntwo words.jpg\n", b"one.jpg\r\ntwo words.jpg", b"one.jpg\0two words.jpg\0"],
    ids=["lines", "windows", "print0"],
)
def test_paths_come_from_standard_input(content: bytes) -> None:
    program = (
        "from pathlib import Path; from poets.labelling.inputs import expand;"
        "print([str(path) for path in expand([Path('-')])])"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], input=content, capture_output=True, check=True
    )
    assert output.stdout.decode().strip() == "['one.jpg', 'two words.jpg']"


def test_names_that_are_no_utf_8_keep_their_bytes() -> None:
    program = (
        "from pathlib import Path; from poets.labelling.inputs import expand; import os;"
        "print([os.fsencode(path) for path in expand([Path('-')])])"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], input=b"caf\xe9.jpg\n", capture_output=True, check=True
    )
    assert output.stdout.decode().strip() == "[b'caf\\xe9.jpg']"

import gzip
import stat
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poets.errors import OutputError
from poets.network.archives import ArchiveError, Limits, unpack_tar
from poets.report import Reporter
from tests.support.archives import link, tar_bytes, tgz_bytes, tree
from tests.support.reporters import Recorder

FILES = {"top/daisy/a.jpg": b"a" * 3000, "top/été/b.jpg": b"b", "top/LICENSE.txt": b"free"}
TREE = {
    "LICENSE.txt": b"free",
    "daisy": None,
    "daisy/a.jpg": b"a" * 3000,
    "été": None,
    "été/b.jpg": b"b",
}
TAR = tar_bytes(FILES)
TGZ = tgz_bytes(FILES)


def unpack(place: Path, content: bytes, limits: Limits | None = None) -> Path:
    """Unpack an archive with that content to <place>/out/new."""
    archive = place / "some.tgz"
    archive.write_bytes(content)
    return unpack_tar(archive, place / "out" / "new", Reporter(), limits=limits)


def is_untouched(place: Path) -> bool:
    """Tell whether there is nothing but the archive and an empty folder."""
    return set(tree(place)) <= {"some.tgz", "out"}


def test_an_archive_becomes_a_folder(tmp_path: Path) -> None:
    folder = unpack(tmp_path, TGZ)

    assert tree(folder / "top") == TREE
    assert sorted(path.name for path in folder.parent.iterdir()) == ["new"]


def test_a_folder_in_the_archive_becomes_the_folder(tmp_path: Path) -> None:
    archive = tmp_path / "some.tgz"
    archive.write_bytes(TGZ)

    unpack_tar(archive, tmp_path / "new", Reporter(), root="top")

    assert tree(tmp_path / "new") == TREE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "some.tgz"]


def test_an_archive_without_that_folder_is_an_error(tmp_path: Path) -> None:
    archive = tmp_path / "some.tgz"
    archive.write_bytes(TGZ)

    with pytest.raises(ArchiveError, match=r"some\.tgz has no folder 'flowers' in it"):
        unpack_tar(archive, tmp_path / "new", Reporter(), root="flowers")
    assert not (tmp_path / "new").exists()


def test_progress_ends_at_the_archive_s_size(tmp_path: Path) -> None:
    archive = tmp_path / "some.tgz"
    archive.write_bytes(TGZ)
    recorder = Recorder()

    unpack_tar(archive, tmp_path / "new", recorder)

    assert recorder.titles == [("Unpacking some.tgz", len(TGZ), "B")]
    assert sum(recorder.advances) == len(TGZ)


def test_an_empty_folder_is_filled_and_a_full_one_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "new"
    folder.mkdir(parents=True)
    unpack(tmp_path, TGZ)
    before = tree(folder)

    with pytest.raises(OutputError, match="not empty"):
        unpack(tmp_path, tgz_bytes({"other": b""}))

    assert tree(folder) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["new"]


def test_nobody_gets_more_rights_than_the_archive_should_give(tmp_path: Path) -> None:
    program = tarfile.TarInfo("program")
    program.mode = 0o6777

    folder = unpack(tmp_path, tgz_bytes({}, [program]))

    assert stat.S_IMODE((folder / "program").stat().st_mode) & 0o6022 == 0


# Broken ones


@settings(max_examples=40, deadline=None)
@given(end=st.integers(0, len(TGZ) - 1))
def test_an_archive_that_ends_anywhere_too_early_is_named(end: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with pytest.raises(ArchiveError, match=r"some\.tgz cannot be unpacked: "):
            unpack(Path(folder), TGZ[:end])
        assert is_untouched(Path(folder))


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, len(TGZ) - 1), change=st.integers(1, 255))
def test_a_changed_byte_never_changes_what_is_unpacked(place: int, change: int) -> None:
    content = bytearray(TGZ)
    content[place] ^= change
    with tempfile.TemporaryDirectory() as folder:
        try:
            unpacked = unpack(Path(folder), bytes(content))
        except ArchiveError:
            assert is_untouched(Path(folder))
        else:  # it hit what says nothing, like the time in the header
            assert tree(unpacked / "top") == TREE


@settings(max_examples=150, deadline=None)
@given(
    changes=st.dictionaries(
        st.integers(0, 3 * 512) | st.integers(0, len(TAR) - 1), st.integers(0, 255), max_size=12
    )
)
def test_no_header_reaches_out_of_the_folder(changes: dict[int, int]) -> None:
    content = bytearray(TAR)
    for place, value in changes.items():
        content[place] = value
    with tempfile.TemporaryDirectory() as folder:
        try:
            unpack(Path(folder), gzip.compress(_with_right_sums(content)))
        except (ArchiveError, OutputError):
            assert is_untouched(Path(folder))
        assert {name.split("/")[0] for name in tree(Path(folder))} <= {"some.tgz", "out"}


def _with_right_sums(tar: bytearray) -> bytes:
    """Repair the checksums of the headers, so that the change in them is believed."""
    for start in range(0, len(tar) - 511, 512):
        header = tar[start : start + 512]
        if header[257:262] == b"ustar":
            header[148:156] = b" " * 8
            tar[start + 148 : start + 156] = b"%06o\0 " % sum(header)
    return bytes(tar)


# Without a time: what the tests are called is the same in every worker.
NO_TAR = gzip.compress(b"no tar" * 999, mtime=0)


@pytest.mark.parametrize(
    "content", [b"", b"not an archive", TAR, NO_TAR], ids=["empty", "text", "tar", "gzip"]
)
def test_what_is_no_archive_is_an_error_that_names_it(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"some\.tgz cannot be unpacked: "):
        unpack(tmp_path, content)
    assert is_untouched(tmp_path)


def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    for archive in (tmp_path / "missing.tgz", tmp_path):
        with pytest.raises(ArchiveError, match=f"{archive} cannot be unpacked: "):
            unpack_tar(archive, tmp_path / "new", Reporter())
    assert tree(tmp_path) == {}


# Hostile ones


@pytest.mark.parametrize("name", ["../escaped", "a/../../escaped", "a/../../../escaped"])
def test_a_name_that_leaves_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError):
        unpack(tmp_path, tgz_bytes({"fine": b"", name: b""}))
    assert is_untouched(tmp_path)


def test_a_name_from_the_root_stays_in_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"

    folder = unpack(tmp_path, tgz_bytes({str(outside): b"x"}))

    assert not outside.exists()
    assert (folder / outside.relative_to("/")).read_bytes() == b"x"


@pytest.mark.parametrize(
    "member",
    [
        link("a", "/etc/hostname"),
        link("a", "fine"),
        link("a", "fine", tarfile.LNKTYPE),
        link("a", "../../some.tgz", tarfile.LNKTYPE),
        link("a", "", tarfile.FIFOTYPE),
        link("a", "", tarfile.CHRTYPE),
        link("a", "", tarfile.BLKTYPE),
        link("a", "", tarfile.GNUTYPE_SPARSE),
    ],
    ids=["away", "link", "hard link", "hard link away", "pipe", "device", "disk", "sparse"],
)
def test_nothing_but_files_and_folders_is_unpacked(member: tarfile.TarInfo, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"more than files and folders|it is broken"):
        unpack(tmp_path, tgz_bytes({"fine": b"x"}, [member]))
    assert is_untouched(tmp_path)


def test_an_archive_that_would_fill_the_disk_is_refused(tmp_path: Path) -> None:
    bomb = tgz_bytes({"zeros": bytes(10_000_000)})
    assert len(bomb) < 20_000

    with pytest.raises(ArchiveError, match="more than 1,000,000 bytes"):
        unpack(tmp_path, bomb, Limits(size=1_000_000))
    assert is_untouched(tmp_path)


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    many = tgz_bytes({str(number): b"" for number in range(11)})

    with pytest.raises(ArchiveError, match="more than 10 files"):
        unpack(tmp_path, many, Limits(members=10))
    assert is_untouched(tmp_path)
    assert len(tree(unpack(tmp_path, many, Limits(members=11)))) == 11


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_would_fill_the_memory_is_refused(kind: bytes, tmp_path: Path) -> None:
    header = tarfile.TarInfo("header")
    header.type, header.size = kind, 1 << 20
    content = header.tobuf() + b"9" * (1 << 20) + TAR

    with pytest.raises(ArchiveError, match="it is broken"):
        unpack(tmp_path, gzip.compress(content))
    assert is_untouched(tmp_path)


@pytest.mark.parametrize(
    "headers",
    [{"mtime": "nan"}, {"mtime": "1e300"}, {"size": "-512"}, {"size": "x"}, {"path": "a\0b"}],
)
def test_impossible_headers_are_an_error_or_ignored(
    headers: dict[str, str], tmp_path: Path
) -> None:
    member = tarfile.TarInfo("odd")
    member.pax_headers = headers
    content = member.create_pax_header(member.get_info(), "utf-8") + bytes(1024)
    try:
        folder = unpack(tmp_path, gzip.compress(content))
    except ArchiveError:
        assert is_untouched(tmp_path)
    else:
        assert tree(folder) == {"odd": b""}

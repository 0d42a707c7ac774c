from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from poets.datasets.flower_photos import ARCHIVE, LABELS, fetch_flower_photos
from poets.errors import DataError, OutputError
from poets.network.download import RemoteFile
from poets.report import Reporter
from tests.support.archives import tgz_bytes, tree
from tests.support.http import Resource, Site, serve
from tests.support.reporters import Recorder

FILES = {f"flower_photos/{label}/{n}.jpg": label.encode() for label in LABELS for n in range(3)}
CONTENT = tgz_bytes({**FILES, "flower_photos/LICENSE.txt": b"Creative Commons"})
NAMES = sorted([*LABELS, "LICENSE.txt"])


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(**{"flower_photos.tgz": Resource(CONTENT)}) as running:
        yield running


def small_archive(site: Site, content: bytes = CONTENT) -> RemoteFile:
    url = f"{site.url}/flower_photos.tgz"
    return RemoteFile(url, "flower_photos.tgz", sha256(content).hexdigest())


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_photos_come_in_a_folder_a_label(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "tf_files" / "flower_photos"
    recorder = Recorder()

    assert fetch_flower_photos(folder, recorder, small_archive(site)) == folder

    assert names_in(folder) == NAMES
    assert names_in(folder / "roses") == ["0.jpg", "1.jpg", "2.jpg"]
    assert names_in(folder.parent) == ["flower_photos"]
    titles = [title for title, _, _ in recorder.titles]
    assert titles == ["Downloading flower_photos.tgz", "Unpacking flower_photos.tgz"]


def test_photos_that_are_there_are_kept_as_they_are(site: Site, tmp_path: Path) -> None:
    folder = fetch_flower_photos(tmp_path / "photos", Reporter(), small_archive(site))
    (folder / "roses" / "0.jpg").write_bytes(b"mine")
    (folder / "roses" / "1.jpg").unlink()
    before = tree(folder)

    assert fetch_flower_photos(folder, Reporter(), small_archive(site)) == folder
    assert tree(folder) == before
    assert site.ranges == [None]


def test_a_folder_with_something_else_is_left_alone(site: Site, tmp_path: Path) -> None:
    (tmp_path / "roses").mkdir()
    before = tree(tmp_path)

    with pytest.raises(DataError, match="no folder 'daisy'") as caught:
        fetch_flower_photos(tmp_path, Reporter(), small_archive(site))

    assert "another folder" in caught.value.hint
    assert tree(tmp_path) == before
    assert site.ranges == []


def test_a_file_in_the_folder_s_place_is_left_alone(site: Site, tmp_path: Path) -> None:
    (tmp_path / "photos").write_bytes(b"mine")

    with pytest.raises(DataError):
        fetch_flower_photos(tmp_path / "photos", Reporter(), small_archive(site))
    assert tree(tmp_path) == {"photos": b"mine"}


def test_a_broken_download_goes_on_the_next_time(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    site.resources["flower_photos.tgz"] = Resource(CONTENT, cut_after=100)
    with pytest.raises(DataError, match="broke, after 100 bytes") as caught:
        fetch_flower_photos(folder, Reporter(), small_archive(site))
    assert caught.value.hint.startswith("Run it again")
    assert "flower_photos.tgz.part" in names_in(tmp_path)
    site.resources["flower_photos.tgz"] = Resource(CONTENT)

    fetch_flower_photos(folder, Reporter(), small_archive(site))

    assert site.ranges == [None, "bytes=100-"]
    assert names_in(tmp_path) == ["photos"]
    assert names_in(folder) == NAMES


def test_an_archive_put_there_by_hand_is_used_and_kept(site: Site, tmp_path: Path) -> None:
    (tmp_path / "flower_photos.tgz").write_bytes(CONTENT)

    fetch_flower_photos(tmp_path / "photos", Reporter(), small_archive(site))

    assert names_in(tmp_path) == ["flower_photos.tgz", "photos"]
    assert site.ranges == []


def test_another_archive_put_there_by_hand_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flower_photos.tgz").write_bytes(CONTENT)

    with pytest.raises(DataError, match=str(ARCHIVE.sha256)) as caught:
        fetch_flower_photos(tmp_path / "photos", Reporter())

    assert "Move it away" in caught.value.hint
    assert names_in(tmp_path) == ["flower_photos.tgz"]


def test_without_a_network_the_error_says_what_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETS_DOWNLOAD_BASE", "http://nowhere.invalid")

    with pytest.raises(DataError, match=r"cannot be downloaded\n  \(nowhere.invalid: ") as caught:
        fetch_flower_photos(tmp_path / "photos", Reporter())

    assert "`poets fetch painted_flowers` draws flowers offline." in caught.value.hint
    by_hand = "http://nowhere.invalid/example_images/flower_photos.tgz"
    assert f"put {by_hand} at {tmp_path / 'flower_photos.tgz'}" in caught.value.hint
    assert caught.value.exit_code == 3
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("content", [b"no archive", tgz_bytes({"other/a.jpg": b""})])
def test_a_broken_archive_is_named(content: bytes, site: Site, tmp_path: Path) -> None:
    site.resources["flower_photos.tgz"] = Resource(content)

    with pytest.raises(DataError, match=r"flower_photos\.tgz"):
        fetch_flower_photos(tmp_path / "photos", Reporter(), small_archive(site, content))
    assert not (tmp_path / "photos").exists()


def test_a_place_that_cannot_be_written_is_an_output_error(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(OutputError):
        fetch_flower_photos(tmp_path / "file" / "photos", Reporter(), small_archive(site))


def test_two_at_once_bring_the_photos_once(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    archive = small_archive(site)
    site.resources["flower_photos.tgz"] = Resource(CONTENT, stall_after=100)
    second = Recorder()
    with ThreadPoolExecutor(2) as pool:
        first_folder = pool.submit(fetch_flower_photos, folder, Reporter(), archive)
        assert site.stalled.wait(30)
        second_folder = pool.submit(fetch_flower_photos, folder, second, archive)
        assert second.warned.wait(30)
        site.resources["flower_photos.tgz"] = Resource(CONTENT)
        site.go_on.set()
        assert first_folder.result() == second_folder.result() == folder

    assert names_in(folder) == NAMES
    assert names_in(tmp_path) == ["photos"]

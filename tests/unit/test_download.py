import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from poets.network.download import DownloadError, RemoteFile, download, mirror
from poets.report import Reporter
from tests.support.downloads import (
    CONTENT,
    PROGRAM,
    fetch,
    names_in,
)
from tests.support.http import Resource, Site, serve
from tests.support.reporters import Recorder

PUBLISHED = "https://storage.googleapis.com/download.tensorflow.org/models/a.tgz"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(file=Resource(CONTENT)) as running:
        yield running


def test_a_file_comes_whole_and_leaves_nothing_beside_it(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "fleurs à moi.tgz"

    assert fetch(site, path, sha256(CONTENT).hexdigest()) == path

    assert path.read_bytes() == CONTENT
    assert names_in(path.parent) == [path.name]


def test_progress_counts_every_byte_of_the_announced_total(site: Site, tmp_path: Path) -> None:
    recorder = Recorder()
    fetch(site, tmp_path / "file", reporter=recorder)

    assert recorder.titles == [("Downloading the file", len(CONTENT), "B")]
    assert sum(recorder.advances) == len(CONTENT)


@pytest.mark.parametrize("content", [b"", b"x", CONTENT], ids=["empty", "a byte", "much"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_file_of_any_size_comes(framing: str, content: bytes, tmp_path: Path) -> None:
    with serve(file=Resource(content, framing=framing)) as site:  # type: ignore[arg-type]
        assert fetch(site, tmp_path / "file").read_bytes() == content
    assert names_in(tmp_path) == ["file"]


def test_a_redirect_on_the_web_is_followed(site: Site, tmp_path: Path) -> None:
    site.resources["old"] = Resource(status=302, headers={"Location": "/file"})
    remote = RemoteFile(f"{site.url}/old", "the file")

    assert download(remote, tmp_path / "file", Reporter()).read_bytes() == CONTENT


def test_a_read_only_file_with_the_right_sum_is_used_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    path.chmod(0o444)

    with serve() as site:
        assert fetch(site, path, sha256(CONTENT).hexdigest()) == path
        assert site.ranges == []


def test_a_file_with_another_sum_that_is_there_is_never_replaced(
    site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"mine")

    with pytest.raises(DownloadError, match="is another file") as caught:
        fetch(site, path, sha256(CONTENT).hexdigest())

    assert "Move it away" in caught.value.hint
    assert path.read_bytes() == b"mine"


def test_a_folder_in_the_file_s_place_is_an_error(site: Site, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="is there, and is no file"):
        fetch(site, tmp_path)


@pytest.mark.parametrize(
    ("base", "asked"),
    [
        ("", PUBLISHED),
        ("  ", PUBLISHED),
        ("http://10.0.0.1:8000", "http://10.0.0.1:8000/models/a.tgz"),
        ("http://school/mirror/", "http://school/mirror/models/a.tgz"),
    ],
)
def test_a_mirror_takes_the_place_of_the_published_address(
    base: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETS_DOWNLOAD_BASE", base)

    assert mirror(PUBLISHED) == asked
    assert mirror("https://example.org/models/a.tgz") == "https://example.org/models/a.tgz"


def test_a_download_asks_the_mirror(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETS_DOWNLOAD_BASE", site.url)
    site.resources["a.tgz"] = Resource(CONTENT)

    download(RemoteFile(PUBLISHED, "a.tgz"), tmp_path / "a.tgz", Reporter())

    assert (tmp_path / "a.tgz").read_bytes() == CONTENT


def test_what_is_there_is_used_without_loading_the_network_s_modules(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    check = PROGRAM + "\nassert not {'ssl', 'urllib.request', 'http.client'} & set(sys.modules)\n"

    subprocess.run([sys.executable, "-c", check, "http://x.invalid", str(path), "0"], check=True)

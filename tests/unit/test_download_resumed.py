import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poets.network.download import DownloadError, RemoteFile, download
from poets.network.remote import Version
from poets.report import Reporter
from tests.support.downloads import CONTENT, CUT, fetch, names_in, part_of
from tests.support.http import Resource, Site, serve
from tests.support.reporters import Recorder


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(file=Resource(CONTENT)) as running:
        yield running


def cut_short(site: Site, path: Path, **changes: object) -> None:
    """Leave a part of CUT bytes behind."""
    whole = site.resources["file"]
    site.resources["file"] = Resource(CONTENT, cut_after=CUT, **changes)  # type: ignore[arg-type]
    with pytest.raises(DownloadError, match="the connection broke, after 100,000 bytes"):
        fetch(site, path)
    site.resources["file"] = whole


@settings(max_examples=15, deadline=None)
@given(cut=st.integers(1, len(CONTENT) - 1))
def test_a_download_cut_anywhere_goes_on_where_it_stopped(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder, serve() as site:
        path = Path(folder, "file")
        site.resources["file"] = Resource(CONTENT, cut_after=cut)
        with pytest.raises(DownloadError) as caught:
            fetch(site, path)
        assert "goes on where it stopped" in caught.value.hint
        site.resources["file"] = Resource(CONTENT)
        recorder = Recorder()

        fetch(site, path, sha256(CONTENT).hexdigest(), recorder)

        assert path.read_bytes() == CONTENT
        assert site.ranges == [None, f"bytes={cut}-"]
        assert recorder.titles == [("Downloading the file", len(CONTENT), "B")]
        assert recorder.advances[0] == cut
        assert sum(recorder.advances) == len(CONTENT)
        assert names_in(path.parent) == ["file"]


def test_a_download_that_is_cut_again_and_again_ends_whole(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "file"
    site.resources["file"] = Resource(CONTENT, cut_after=CUT)
    for _ in range(len(CONTENT) // CUT):
        with pytest.raises(DownloadError):
            fetch(site, path)

    assert fetch(site, path).read_bytes() == CONTENT
    assert site.ranges[-1] == f"bytes={len(CONTENT) // CUT * CUT}-"


OTHER = CONTENT[::-1]


@pytest.mark.parametrize(
    "now",
    [
        Resource(OTHER, headers={"ETag": '"2"'}),
        Resource(OTHER, headers={"ETag": '"2"'}, heeds_if_range=False),
        Resource(OTHER, headers={"ETag": 'W/"1"'}),
        Resource(OTHER, ranges=False),
        Resource(OTHER, headers={}, shift=-1, heeds_if_range=False),
        Resource(OTHER[:10], headers={"ETag": '"2"'}, heeds_if_range=False),
    ],
    ids=[
        "changed",
        "changed, and If-Range ignored",
        "only alike",
        "ranges ignored",
        "another range",
        "shrunk, and If-Range ignored",
    ],
)
def test_bytes_of_two_versions_are_never_mixed(now: Resource, site: Site, tmp_path: Path) -> None:
    path = tmp_path / "file"
    cut_short(site, path)
    site.resources["file"] = now

    fetch(site, path)

    assert path.read_bytes() == now.content
    assert site.ranges[1] == f"bytes={CUT}-"


def test_a_date_is_enough_to_resume(site: Site, tmp_path: Path) -> None:
    headers = {"Last-Modified": "Wed, 28 Jun 2017 16:45:00 GMT", "ETag": 'W/"1"'}
    site.resources["file"] = Resource(CONTENT, headers=headers)
    cut_short(site, tmp_path / "file", headers=headers)

    assert fetch(site, tmp_path / "file").read_bytes() == CONTENT
    assert site.ranges == [None, f"bytes={CUT}-"]


def test_without_a_version_the_download_begins_anew(site: Site, tmp_path: Path) -> None:
    cut_short(site, tmp_path / "file", headers={})

    assert fetch(site, tmp_path / "file").read_bytes() == CONTENT
    assert site.ranges == [None, None]


def test_a_part_from_another_address_is_not_continued(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "file"
    cut_short(site, path)
    remote = RemoteFile(f"{site.url}/file?mirror=2", "the file")

    assert download(remote, path, Reporter()).read_bytes() == CONTENT
    assert site.ranges == [None, None]


def test_a_part_that_is_whole_needs_no_network(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with serve() as gone:
        pass
    part_of(path).write_bytes(CONTENT)
    version = Version(f"{gone.url}/file", '"1"', len(CONTENT))
    (tmp_path / "file.part.origin").write_text(version.to_text())

    assert fetch(gone, path, sha256(CONTENT).hexdigest()).read_bytes() == CONTENT
    assert names_in(tmp_path) == ["file"]


@settings(max_examples=25, deadline=None)
@given(part=st.binary(max_size=2000), notes=st.one_of(st.binary(), st.text().map(str.encode)))
def test_whatever_lies_beside_the_file_the_download_is_right(part: bytes, notes: bytes) -> None:
    content = CONTENT[:1000]
    with tempfile.TemporaryDirectory() as folder, serve(file=Resource(content)) as site:
        path = Path(folder, "file")
        part_of(path).write_bytes(part)
        Path(folder, "file.part.origin").write_bytes(notes.replace(b"URL", site.url.encode()))

        assert fetch(site, path).read_bytes() == content


@settings(max_examples=25, deadline=None)
@given(
    validator=st.text(),
    total=st.one_of(st.none(), st.integers(-1, 2000)),
    size=st.integers(0, 2000),
)
def test_notes_that_were_changed_never_break_a_checked_download(
    validator: str, total: int | None, size: int
) -> None:
    content = CONTENT[:1000]
    with tempfile.TemporaryDirectory() as folder, serve(file=Resource(content)) as site:
        path = Path(folder, "file")
        part_of(path).write_bytes(bytes(size))
        notes = Version(f"{site.url}/file", validator, total).to_text()
        Path(folder, "file.part.origin").write_bytes(notes.encode("utf-8", "surrogatepass"))
        sha = sha256(content).hexdigest()
        try:
            fetch(site, path, sha)
        except DownloadError:  # zeros that passed for the file: gone now
            fetch(site, path, sha)

        assert path.read_bytes() == content

import socket
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from poets.errors import OutputError
from poets.network.download import DownloadError, RemoteFile, download
from poets.network.remote import PUBLISHED
from poets.network.web import MAX_BYTES
from poets.report import Reporter
from tests.support.downloads import (
    CONTENT,
    CUT,
    SOON,
    fetch,
    names_in,
    part_of,
)
from tests.support.http import Resource, Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(file=Resource(CONTENT)) as running:
        yield running


def test_a_file_with_the_wrong_sum_is_removed_and_both_sums_are_said(
    site: Site, tmp_path: Path
) -> None:
    expected = "0" * 64
    with pytest.raises(DownloadError) as caught:
        fetch(site, tmp_path / "file", expected)

    assert expected in str(caught.value)
    assert sha256(CONTENT).hexdigest() in str(caught.value)
    assert names_in(tmp_path) == []


def test_a_stall_ends_the_download_and_keeps_what_came(site: Site, tmp_path: Path) -> None:
    site.resources["file"] = Resource(CONTENT, stall_after=CUT)
    remote = RemoteFile(f"{site.url}/file", "the file")

    with pytest.raises(DownloadError, match=r"no answer within 0\.3 seconds, after 100,000 bytes"):
        download(remote, tmp_path / "file", Reporter(), timeout=SOON)

    assert part_of(tmp_path / "file").read_bytes() == CONTENT[:CUT]


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (Resource(b"gone", status=404), "HTTP 404"),
        (Resource(b"broken", status=500), "HTTP 500"),
        (Resource(b"", status=204), "HTTP 204"),
        (Resource(CONTENT, status=206), "HTTP 206"),
        (
            Resource(status=302, headers={"Location": "file:///etc/hostname"}),
            "HTTP 302, a redirect",
        ),
        (Resource(status=302, headers={"Location": "ftp://127.0.0.1/x"}), "not a web address"),
        (Resource(status=302, headers={"Location": "//[::"}), "not a web address"),
        (Resource(status=302, headers={"Location": "/file"}), "HTTP 302, a redirect"),
        (Resource(status=302, headers={}), "HTTP 302, a redirect"),
        (
            Resource(b"<p>Log in", headers={"Content-Type": "text/html; charset=x"}),
            "a web page came",
        ),
        (Resource(CONTENT, framing="none"), "does not say how long"),
        (Resource(b"", announced=MAX_BYTES + 1), "more than 4,294,967,296 bytes"),
        (Resource(CONTENT, framing="chunked", cut_after=CUT), "the connection broke"),
        (Resource(CONTENT, announced=len(CONTENT) + 1), "the connection broke"),
        (Resource(raw=b""), "remote end closed connection without response"),
        (Resource(raw=b"SSH-2.0-OpenSSH_9.2\r\n"), "not the answer of a web server"),
        (Resource(raw=b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200), "not the answer"),
        (Resource(raw=b"HTTP/1.1 200 " + b"x" * 70_000), "not the answer of a web server"),
        (Resource(raw=b"HTTP/1.1 500 \x1b[31mred\r\nContent-Length: 0\r\n\r\n"), "HTTP 500"),
        (Resource(raw=b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), "does not say how long"),
        (Resource(drips=True), "no answer within 0.3 seconds"),
        (Resource(CONTENT, stall_after=0), "no answer within 0.3 seconds"),
    ],
)
def test_a_server_that_fails_is_named_with_the_reason(
    resource: Resource, reason: str, tmp_path: Path
) -> None:
    with serve(file=resource) as site:
        remote = RemoteFile(f"{site.url}/file", "the file")
        with pytest.raises(DownloadError) as caught:
            download(remote, tmp_path / "file", Reporter(), timeout=SOON)

    assert str(caught.value).startswith(f"{site.url.removeprefix('http://')}: {reason}")
    assert str(caught.value).isprintable()
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://nowhere.invalid/file", "nowhere.invalid: "),
        ("http://user:secret@nowhere.invalid/file", "nowhere.invalid: "),
        ("file:///etc/hostname", "file:///etc/hostname: not a web address"),
        ("ftp://127.0.0.1/file", "127.0.0.1: not a web address"),
        ("data:,hello", "data:,hello: not a web address"),
        ("", ": not a web address"),
        ("http://", "http://: not a web address"),
        ("http://[::1/file", "the address: not a web address"),
        ("http://127.0.0.1:port/file", "127.0.0.1:port: not a web address"),
        ("http://a..b/file", "a..b: not a web address"),
        ("http://127.0.0.1/a file", "127.0.0.1: not a web address"),
    ],
)
def test_an_address_that_leads_nowhere_is_an_error_without_a_trace(
    url: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError) as caught:
        download(RemoteFile(url, "the file"), tmp_path / "file", Reporter())

    assert str(caught.value).startswith(reason)
    assert "secret" not in str(caught.value)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("base", ["school:8000", "http:/school", "file:///etc", "school"])
def test_a_mirror_that_is_no_address_is_named_by_its_variable(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETS_DOWNLOAD_BASE", base)
    with pytest.raises(DownloadError, match=r"^POETS_DOWNLOAD_BASE is no web address$") as caught:
        download(RemoteFile(f"{PUBLISHED}/a.tgz", "a.tgz"), tmp_path / "a.tgz", Reporter())
    assert "http://school:8000" in caught.value.hint
    assert names_in(tmp_path) == []


def test_a_port_where_nobody_listens_is_an_error(tmp_path: Path) -> None:
    with serve() as gone:
        pass

    with pytest.raises(DownloadError, match="connection refused"):
        fetch(gone, tmp_path / "file")


def test_a_server_that_accepts_and_says_nothing_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote = RemoteFile(f"http://127.0.0.1:{silent.getsockname()[1]}/file", "the file")
        with pytest.raises(DownloadError, match=r"no answer within 0\.3 seconds"):
            download(remote, tmp_path / "file", Reporter(), timeout=SOON)

    assert names_in(tmp_path) == []


def test_a_server_that_does_not_even_accept_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:  # the queue is full: what else comes is dropped
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        remote = RemoteFile(f"http://127.0.0.1:{full.getsockname()[1]}/file", "the file")
        with pytest.raises(DownloadError, match=r"no answer within 0\.3 seconds"):
            download(remote, tmp_path / "file", Reporter(), timeout=SOON)
        for caller in callers:
            caller.close()


def test_a_server_without_encryption_is_no_https_server(site: Site, tmp_path: Path) -> None:
    url = site.url.replace("http:", "https:")
    with pytest.raises(DownloadError, match="no secure connection"):
        download(RemoteFile(f"{url}/file", "the file"), tmp_path / "file", Reporter())


def test_a_place_that_cannot_be_written_is_an_output_error(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no folder")

    with pytest.raises(OutputError, match="cannot be written"):
        fetch(site, tmp_path / "file" / "file")
    with pytest.raises(OutputError, match="cannot be written"):
        fetch(site, tmp_path / ("n" * 254))
    assert names_in(tmp_path) == ["file"]

"""Downloads of published pictures that break, lie, or are stopped."""

import gzip
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from poets.datasets.idx import read_idx
from poets.datasets.mnist import MNIST
from poets.datasets.published import Published, fetch_published
from poets.errors import DataError, OutputError
from poets.images import find_images
from tests.support.archives import tgz_bytes, tree
from tests.support.commands import TOP
from tests.support.http import Resource, Site, serve
from tests.support.published import (
    ROOT,
    idx_bytes,
    label_ids,
    mnist_files,
    published,
    small_cifar,
    small_mnist,
)

IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
NOBODY = "http://127.0.0.1:9"  # the discard port, where nothing listens


@pytest.fixture
def mnist() -> Iterator[tuple[Site, Published]]:
    with small_mnist() as served:
        yield served


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_second_source_is_asked_where_the_first_is_silent(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    site, data = mnist

    folder = fetch_published(replace(data, sources=(f"{NOBODY}/", *data.sources)), tmp_path / "d")

    assert len(find_images(folder)) == 40
    assert len(site.ranges) == 2


def test_the_second_source_is_asked_where_the_first_has_another_file(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    _, data = mnist
    with serve(**{IMAGES: Resource(b"another"), LABELS: Resource(status=404)}) as liar:
        both = replace(data, sources=(f"{liar.url}/", *data.sources))
        folder = fetch_published(both, tmp_path / "digits")

    assert len(find_images(folder)) == 40
    assert names_in(tmp_path / "digits.files") == [IMAGES, LABELS]


def test_without_a_network_the_error_says_what_to_put_where(tmp_path: Path) -> None:
    data = published(MNIST, mnist_files(), NOBODY, "http://127.0.0.1:10")

    with pytest.raises(DataError, match=r"127\.0\.0\.1:9: .*; 127\.0\.0\.1:10: ") as caught:
        fetch_published(data, tmp_path / "digits")

    place = tmp_path / "digits.files"
    assert f"{NOBODY}/{IMAGES} and {NOBODY}/{LABELS} into {place}" in caught.value.hint
    assert "`poets fetch painted_digits` works offline." in caught.value.hint
    assert names_in(tmp_path) == ["digits.files"]
    for name, content in mnist_files().items():
        (place / name).write_bytes(content)
    assert len(find_images(fetch_published(data, tmp_path / "digits"))) == 40


def test_a_classrooms_own_server_takes_the_place_of_all_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = replace(published(MNIST, mnist_files()), sources=MNIST.sources)
    files = {name: Resource(content) for name, content in mnist_files().items()}
    with serve(**files) as site:
        monkeypatch.setenv("POETS_DOWNLOAD_BASE", site.url)

        assert len(find_images(fetch_published(data, tmp_path / "digits"))) == 40


def test_a_wrong_file_put_there_by_hand_is_named_and_kept(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    site, data = mnist
    (tmp_path / "digits.files").mkdir()
    (tmp_path / "digits.files" / IMAGES).write_bytes(b"mine")

    with pytest.raises(DataError, match="is another file") as caught:
        fetch_published(data, tmp_path / "digits")

    assert "Move it away" in caught.value.hint
    assert tree(tmp_path / "digits.files") == {IMAGES: b"mine"}
    assert site.ranges == []


def test_a_broken_download_goes_on_the_next_time(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    site, data = mnist
    whole = site.resources[IMAGES]
    site.resources[IMAGES] = replace(whole, cut_after=1000)
    with pytest.raises(DataError, match="after 1,000 bytes") as caught:
        fetch_published(data, tmp_path / "digits")
    assert caught.value.hint.startswith("Run it again")
    assert not (tmp_path / "digits").exists()
    site.resources[IMAGES] = whole

    fetch_published(data, tmp_path / "digits")

    assert site.ranges == [None, "bytes=1000-", None]


HEADER = struct.pack(">HBBIII", 0, 8, 3, 40, 28, 28)
HOSTILE = {
    "huge counts": gzip.compress(struct.pack(">HBBIII", 0, 8, 3, 2**32 - 1, 2**32 - 1, 28)),
    "fewer bytes than announced": gzip.compress(HEADER + bytes(100)),
    "more bytes than announced": gzip.compress(HEADER + bytes(40 * 784 + 1)),
    "a bomb": gzip.compress(HEADER + bytes(50_000_000)),
    "labels instead": idx_bytes(label_ids("train")),
    "floats": gzip.compress(struct.pack(">HBBIII", 0, 13, 3, 40, 28, 28) + bytes(40 * 784 * 4)),
    "no gzip": b"no gzip",
    "a cut gzip": gzip.compress(HEADER + os.urandom(40 * 784))[:-100],
    "a gzip with a wrong checksum": gzip.compress(HEADER + bytes(40 * 784))[:-8] + bytes(8),
    "nothing": b"",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_with_a_right_checksum_is_refused(content: bytes, tmp_path: Path) -> None:
    with (
        small_mnist(mnist_files() | {IMAGES: content}) as (_, data),
        pytest.raises(DataError, match=f"{IMAGES} cannot be read: it "),
    ):
        fetch_published(data, tmp_path / "digits")

    assert names_in(tmp_path) == ["digits.files"]


def test_a_label_that_is_none_is_refused(tmp_path: Path) -> None:
    strange = label_ids("train").copy()
    strange[7] = 200
    with (
        small_mnist(mnist_files() | {LABELS: idx_bytes(strange)}) as (_, data),
        pytest.raises(DataError, match="none is number 200"),
    ):
        fetch_published(data, tmp_path / "digits")
    assert names_in(tmp_path) == ["digits.files"]


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({f"{ROOT}/data_batch_1.bin": b"short"}, "5 bytes; 24,584 are expected"),
        ({f"{ROOT}/readme.html": b""}, "no file 'data_batch_1.bin'"),
        ({"other/data_batch_1.bin": b""}, f"no folder '{ROOT}'"),
        ({f"{ROOT}/../../data_batch_1.bin": b""}, "reaches out of its folder"),
    ],
)
def test_an_archive_with_something_else_is_refused(
    members: dict[str, bytes], says: str, tmp_path: Path
) -> None:
    with (
        small_cifar({"cifar-10-binary.tar.gz": tgz_bytes(members)}) as (_, data),
        pytest.raises(DataError, match=says) as caught,
    ):
        fetch_published(data, tmp_path / "cifar")
    assert "Remove" in caught.value.hint
    assert names_in(tmp_path) == ["cifar.files"]


def test_an_idx_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.gz cannot be read: no such file"):
        read_idx(tmp_path / "a.gz", (1,))


def test_a_place_that_cannot_be_written_is_an_output_error(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(OutputError):
        fetch_published(mnist[1], tmp_path / "file" / "digits")


PROGRAM = """
import sys, resource
from pathlib import Path
from poets.datasets.published import fetch_published
from poets.errors import OutputError
from poets.report import Reporter
from contextlib import contextmanager
from tests.support.published import mnist_files, published
from poets.datasets.mnist import MNIST

class Waiting(Reporter):
    @contextmanager
    def progress(self, name, total, unit):
        def advance(count):
            print(name, flush=True)
            sys.stdin.readline()
        yield advance

url, folder, limit = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    fetch_published(published(MNIST, mnist_files(), url), folder, reporter=Waiting())
except OutputError as error:
    print(error)
"""


def start(site: Site, folder: Path, limit: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, site.url, str(folder), str(limit)],
        cwd=TOP,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_run_leaves_nothing_that_looks_done_and_the_next_one_clears_it_away(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    site, data = mnist
    folder = tmp_path / "digits"
    process = start(site, folder)
    assert process.stdin is not None
    assert process.stdout is not None
    for line in process.stdout:
        if line == "Writing pictures\n":
            break
        process.stdin.write("\n")
        process.stdin.flush()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not folder.exists()
    assert len(names_in(tmp_path)) == 2  # the published files, and what was being made

    fetch_published(data, folder)

    assert names_in(tmp_path) == ["digits", "digits.files"]
    assert len(site.ranges) == 2


def test_a_disk_that_is_full_is_an_error_that_leaves_no_pictures(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    process = start(mnist[0], tmp_path / "digits", limit=10_000)

    said, _ = process.communicate("\n" * 1000, timeout=60)

    assert "cannot be written: file too large." in said
    assert not (tmp_path / "digits").exists()
    assert not list(tmp_path.glob(".making.*"))


def test_a_folder_of_a_run_that_still_works_is_not_cleared_away(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    site, data = mnist
    process = start(site, tmp_path / "digits")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Downloading")
    (tmp_path / ".making.mine").mkdir()

    other = fetch_published(data, tmp_path / "other")
    process.communicate("\n" * 1000, timeout=60)

    assert len(find_images(tmp_path / "digits")) == len(find_images(other)) == 40
    assert (tmp_path / ".making.mine").is_dir()

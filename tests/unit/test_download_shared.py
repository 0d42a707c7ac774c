import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.downloads import (
    CONTENT,
    CUT,
    ENOUGH,
    fetch,
    names_in,
    part_of,
    program,
)
from tests.support.http import Resource, Site, serve
from tests.support.reporters import Recorder


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(file=Resource(CONTENT)) as running:
        yield running


def test_where_the_disk_takes_no_more_there_is_an_error_and_a_rest(
    site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    command = program(site, path, limit=CUT)

    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "file.part cannot be written: file too large" in said
    assert part_of(path).read_bytes() == CONTENT[:CUT]
    assert fetch(site, path).read_bytes() == CONTENT
    assert site.ranges == [None, f"bytes={CUT}-"]


def test_a_killed_process_leaves_what_the_next_one_completes(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "file"
    site.resources["file"] = Resource(CONTENT, stall_after=CUT)
    with subprocess.Popen(program(site, path)) as process:
        assert site.stalled.wait(ENOUGH)
        process.kill()
    site.resources["file"] = Resource(CONTENT)

    assert fetch(site, path, sha256(CONTENT).hexdigest()).read_bytes() == CONTENT
    assert names_in(tmp_path) == ["file"]


def test_who_comes_second_waits_and_uses_what_the_first_one_brought(
    site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    site.resources["file"] = Resource(CONTENT, stall_after=CUT)
    second = Recorder()
    with ThreadPoolExecutor(2) as pool:
        first_path = pool.submit(fetch, site, path)
        assert site.stalled.wait(ENOUGH)
        second_path = pool.submit(fetch, site, path, None, second)
        assert second.warned.wait(ENOUGH)
        site.go_on.set()
        assert first_path.result() == second_path.result() == path

    assert path.read_bytes() == CONTENT
    assert site.ranges == [None]
    assert second.warnings == ["the file is being downloaded by another process: waiting for it."]
    assert names_in(tmp_path) == ["file"]


def test_who_waited_in_vain_continues_what_the_first_one_began(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "file"
    site.resources["file"] = Resource(CONTENT, stall_after=CUT)
    with subprocess.Popen(program(site, path)) as first, ThreadPoolExecutor(1) as pool:
        assert site.stalled.wait(ENOUGH)
        second = Recorder()
        second_path = pool.submit(fetch, site, path, sha256(CONTENT).hexdigest(), second)
        assert second.warned.wait(ENOUGH)
        site.resources["file"] = Resource(CONTENT)
        first.kill()
        assert second_path.result().read_bytes() == CONTENT

    assert names_in(tmp_path) == ["file"]

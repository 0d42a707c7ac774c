"""`poets fetch` as it is called."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from poets.cli.fetch import command
from poets.datasets.table import DATASETS
from tests.support.calling import call
from tests.support.commands import COMMANDS
from tests.support.http import Resource, serve


def test_the_list_says_what_there_is() -> None:
    said = call(command, "--list")

    assert said.code == 0
    for spec in DATASETS.values():
        (line,) = (line for line in said.out.splitlines() if line.startswith(f"{spec.name} "))
        for fact in (spec.pictures, str(spec.labels), spec.size, spec.licence, spec.source):
            assert fact in line
    assert said.out.splitlines()[0].split()[:2] == ["data", "set"]


def test_a_limit_and_a_seed_choose_what_is_painted(tmp_path: Path) -> None:
    for folder, seed in (("first", 0), ("other", 3)):
        said = call(
            command,
            *("painted_digits", folder, "--limit", 1, "--seed", seed),
            folder=tmp_path,
        )
        assert said.code == 0, said.err
        assert said.out == f"{folder}\n"
        assert said.err == f"Pictures   10 pictures, 10 labels -> {folder}\n"

    first, other = ((tmp_path / name / "7" / "7_0001.png") for name in ("first", "other"))
    assert first.read_bytes() != other.read_bytes()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("painted_flowers", "--part", "test"), "painted_flowers has no choice of --part."),
        (("flower_photos", "--limit", "2"), "flower_photos has no choice of --limit."),
        (("flower_photos", "--seed", "2"), "flower_photos has no choice of --seed."),
        (("mnist", "--part", "tests"), "--part: 'tests' is not one of"),
        (("mnist", "--limit", "0"), "0 pictures a label"),
        (("mnist", "--limit", "many"), "--limit: 'many' is not a valid integer"),
        (("mnits",), "Did you mean 'mnist'?"),
    ],
)
def test_what_cannot_be_chosen_is_said(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    said = call(command, *words, folder=tmp_path)

    assert said.code == 2
    assert says in said.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [name for name, spec in DATASETS.items() if not spec.offline])
def test_without_a_network_it_fails_soon_and_says_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETS_DOWNLOAD_BASE", "http://127.0.0.1:9")

    said = call(command, name, folder=tmp_path)

    assert said.code == 3
    assert "127.0.0.1:9: connection refused" in said.err
    assert "offline." in said.err
    assert "Or put http://127.0.0.1:9/" in said.err


def test_the_test_part_gets_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETS_DOWNLOAD_BASE", "http://127.0.0.1:9")

    said = call(command, "mnist", "--part", "test", folder=tmp_path)

    assert "into tf_files/mnist_test.files, and run again." in said.err
    assert "t10k-images-idx3-ubyte.gz" in said.err


def test_a_stopped_download_says_what_is_kept_and_goes_on(tmp_path: Path) -> None:
    content = os.urandom(10_000)
    with serve(**{"train-images-idx3-ubyte.gz": Resource(content, stall_after=4000)}) as site:
        process = subprocess.Popen(
            [COMMANDS / "poets", "fetch", "mnist", "digits"],
            cwd=tmp_path,
            env=os.environ | {"POETS_DOWNLOAD_BASE": site.url},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert site.stalled.wait(60)
        part = tmp_path / "digits.files" / "train-images-idx3-ubyte.gz.part"
        while not (part.exists() and part.stat().st_size == 4000):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert said.strip().endswith(
        "Interrupted; a download goes on from here the next time; "
        "half a set of pictures is not kept."
    )
    assert part.read_bytes() == content[:4000]
    assert not (tmp_path / "digits").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["digits.files"]

"""`poets check` as a user meets it: table, JSON, exit code, and what it leaves alone."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from poets.check.config import CheckConfig
from poets.check.doctor import check
from poets.check.findings import KINDS, SEVERITIES
from poets.config.backbone import BackboneConfig
from tests.support.archives import tree
from tests.support.backbones import ARCHITECTURE, tiny_model_dir
from tests.support.commands import Output, run_in
from tests.support.pictures import COLOURS, encoded, noisy, paint_folders
from tests.support.planting import cut
from tests.support.processes import python
from tests.support.reporters import Recorder

NETWORK = ("--architecture", ARCHITECTURE, "--model_dir", "models")
WARM = """
import sys
from poets.cli.poets import command
code = command.main(sys.argv[1:], standalone_mode=False)
print(code, *sorted({"tensorflow", "keras"} & set(sys.modules)), file=sys.stderr)
"""


def run(folder: Path, *flags: str | Path) -> Output:
    return run_in(folder, "poets", "check", "photos", *flags)


def read(output: Output) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(output.stdout)
    return document


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A working folder with healthy pictures and a network."""
    tiny_model_dir(tmp_path / "models")
    paint_folders(tmp_path / "photos", 20)
    return tmp_path


def test_healthy_pictures_are_said_to_be_so(place: Path) -> None:
    output = run(place, "--quick")

    assert output.returncode == 0
    assert output.stdout.splitlines()[:2] == [
        "Pictures   60 that can be read, 3 labels",
        "Found      0 errors, 0 warnings, 0 notes",
    ]
    assert "Unchecked  alike-in-two-labels, alike-across-splits, alike," in output.stdout


def test_an_error_is_an_exit_code_and_a_warning_one_with_strict(place: Path) -> None:
    shutil.rmtree(place / "photos" / "red")
    paint_folders(place / "photos", 19, {"red": COLOURS["red"]})
    assert run(place, "--quick").returncode == 0
    assert run(place, "--quick", "--strict").returncode == 3

    (place / "photos" / "red" / "red_000.png").write_bytes(b"")

    assert run(place, "--quick").returncode == 3


def test_the_table_shows_a_few_of_each_kind_with_their_remedy(place: Path) -> None:
    content = encoded(noisy(COLOURS["red"], 1))
    for number in range(5):
        (place / "photos" / "red" / f"broken {number}.png").write_bytes(cut(content))

    lines = run(place, "--quick").stdout.splitlines()

    assert lines[:6] == [
        "error      5 x truncated: ends before its picture does",
        "           red/broken 0.png  truncated: the file ends before the picture does",
        "           red/broken 1.png  truncated: the file ends before the picture does",
        "           red/broken 2.png  truncated: the file ends before the picture does",
        "           and 2 more",
        "           -> Copy or download them again.",
    ]


def test_json_leaves_nothing_out_and_goes_alone_to_standard_output(place: Path) -> None:
    for number in range(5):
        (place / "photos" / "red" / f"broken {number}.png").write_bytes(b"")

    document = read(run(place, "--quick", "--json"))

    assert list(document) == [
        *("format", "image_dir", "architecture", "pictures", "labels", "severities", "kinds"),
        *("findings", "gains", "not_checked"),
    ]
    assert document["architecture"] is None
    assert document["labels"] == {"blue": 20, "green": 20, "red": 20}
    assert document["severities"] == {"error": 5, "warning": 0, "note": 0}
    assert [kind["name"] for kind in document["kinds"]] == list(KINDS)
    assert [Path(one["paths"][0]).name for one in document["findings"]] == [
        f"broken {number}.png" for number in range(5)
    ]
    assert set(document["findings"][0]) == {
        *("kind", "severity", "message", "paths", "labels", "remedy")
    }


def test_names_of_any_kind_are_shown_and_written(place: Path) -> None:
    folder = place / "photos" / "Gänseblümchen 🌷"
    folder.mkdir()
    names = (os.fsdecode(b"\xff.jpg"), "new\nline.jpg", "\x1b[31m.jpg", "ромашка.jpg")
    for name in names:
        (folder / name).write_bytes(b"")

    table, document = run(place, "--quick"), read(run(place, "--quick", "--json"))

    assert table.returncode == 3
    assert "\x1b" not in table.stdout
    assert "Gänseblümchen 🌷/new\\nline.jpg" in table.stdout
    paths = {path for one in document["findings"] for path in one["paths"]}
    assert paths == {f"photos/Gänseblümchen 🌷/{name}" for name in names}


def test_without_a_network_nothing_is_written_anywhere(place: Path) -> None:
    before = tree(place)

    assert run(place, "--quick").returncode == 0
    assert tree(place) == before


def test_with_a_network_only_the_cache_is_written(place: Path) -> None:
    before = tree(place)

    output = run(place, *NETWORK, "--bottleneck_dir", "cache")

    assert output.returncode == 0, output.stderr
    after = tree(place)
    assert {name for name in after if name.partition("/")[0] != "cache"} == set(before)
    assert all(after[name] == content for name, content in before.items())


def test_a_warm_check_needs_no_tensorflow_and_computes_nothing(place: Path) -> None:
    flags = ("check", "photos", *NETWORK, "--bottleneck_dir", "cache")
    cold = python(WARM, *flags, folder=place)
    warm = python(WARM, *flags, folder=place)

    assert "60 from the cache, 0 new" in warm.stderr
    assert cold.stderr.splitlines()[-1] == warm.stderr.splitlines()[-1] == "0"
    assert cold.stdout == warm.stdout


def test_pictures_that_are_found_wrong_by_features_are_told(place: Path) -> None:
    wrong = [place / "photos" / "red" / f"red_{number:03}.png" for number in (3, 12)]
    for path in wrong:
        path.rename(place / "photos" / "blue" / path.name)

    document = read(run(place, *NETWORK, "--bottleneck_dir", "cache", "--json"))

    suspects = [one for one in document["findings"] if one["kind"] == "suspected-label"]
    assert {Path(one["paths"][0]).name for one in suspects} == {path.name for path in wrong}
    assert all(one["labels"] == ["blue", "red"] for one in suspects)
    assert [gain["label"] for gain in document["gains"]] == ["blue", "green", "red"]


@pytest.mark.parametrize("count", [1, 3, 9])
def test_too_few_pictures_to_judge_labels_are_no_trouble(tmp_path: Path, count: int) -> None:
    paint_folders(tmp_path / "photos", count)
    backbone = BackboneConfig(
        architecture=ARCHITECTURE,
        model_dir=tiny_model_dir(tmp_path / "models"),
        bottleneck_dir=tmp_path / "cache",
    )

    found = check(CheckConfig(image_dir=tmp_path / "photos", backbone=backbone), Recorder())

    assert found.counts == dict.fromkeys(COLOURS, count)
    assert set(found.not_checked) == {"suspected-label", "most-to-gain"}
    few = "too-few-pictures" if count < 3 else "few-pictures"
    assert [one.kind for one in found.findings if not one.kind.startswith("alike")] == [few] * 3


def test_a_folder_in_which_nothing_can_be_read_is_examined_all_the_same(tmp_path: Path) -> None:
    for label in ("rose", "tulip"):
        (tmp_path / "photos" / label).mkdir(parents=True)
        (tmp_path / "photos" / label / "1.jpg").write_bytes(b"")
    backbone = BackboneConfig(
        architecture=ARCHITECTURE,
        model_dir=tiny_model_dir(tmp_path / "models"),
        bottleneck_dir=tmp_path / "cache",
    )

    found = check(CheckConfig(image_dir=tmp_path / "photos", backbone=backbone), Recorder())

    assert found.counts == {"rose": 0, "tulip": 0}
    assert [one.kind for one in found.findings] == ["unreadable"] * 2 + ["too-few-pictures"] * 3


def test_a_picture_that_is_no_file_does_not_block(place: Path) -> None:
    os.mkfifo(place / "photos" / "red" / "pipe.jpg")

    output = run(place, *NETWORK, "--bottleneck_dir", "cache")

    assert output.returncode == 3
    assert "red/pipe.jpg  not a file" in output.stdout


def test_a_missing_folder_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    output = run(tmp_path)

    assert (output.returncode, output.stdout) == (3, "")
    assert "Error: photos: no such folder." in output.stderr
    assert "One sub-folder of pictures" in output.stderr


def test_every_kind_says_what_to_do() -> None:
    for name, kind in KINDS.items():
        assert name == kind.name
        assert kind.severity in SEVERITIES
        assert kind.remedy.endswith(".")


def test_the_documentation_names_every_kind() -> None:
    text = (Path(__file__).parents[2] / "docs" / "check.md").read_text()

    for kind in KINDS.values():
        assert f"| `{kind.name}` | {kind.severity} |" in text

"""The doctor on real photos: as they are, and with everything wrong that there is."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from poets.check.findings import KINDS
from tests.support.commands import Output, Trained, run_in
from tests.support.pictures import encoded
from tests.support.planting import (
    CHANGES,
    changed,
    cut,
    png_that_claims,
    stored_as_tagged,
    tagged,
    tagged_with_thumbnail,
    with_a_tail_of_zeros,
)

LABELS = ("daisy", "dandelion", "rose", "sunflower", "tulip")
WRONG, ALIKE, COPIES, TURNED = 10, 28, 12, 20
ALIKE_ALREADY = {"14889392928_9742aed45b_m.jpg", "15069459615_7e0fd61914_n.jpg"}
TULIPS_AMONG_ROSES = "14381787252_e8e12e277a_n.jpg"
Document = dict[str, Any]


@dataclass
class Planted:
    """A copy of the photos, and what was done to which of them, by name."""

    folder: Path
    photos: Iterator[Path]  # those that nothing was done to yet
    names: dict[str, set[str]] = field(default_factory=dict)
    doubles: dict[str, Path] = field(default_factory=dict)  # a planted file's original

    def note(self, what: str, path: Path) -> None:
        """Remember what was done to a file."""
        self.names.setdefault(what, set()).add(path.name)

    def take(self) -> Image.Image:
        """Take a photo out of the folder."""
        path = next(self.photos)
        with Image.open(path) as image:
            photo = image.convert("RGB")
        path.unlink()
        return photo

    def write(self, what: str, path: str, content: bytes) -> None:
        """Add a file."""
        place = self.folder / path
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
        self.note(what, place)


@pytest.fixture(scope="module")
def check(trained: Trained) -> Callable[..., Output]:
    """Run the command with the features that the training has cached."""
    return lambda folder, *flags: run_in(trained.folder, "poets", "check", folder, *flags)


@pytest.fixture(scope="module")
def healthy(check: Callable[..., Output], flowers: Path) -> Document:
    """What is found in the photos as they are."""
    return read(check(flowers, "--json"), 0)


@pytest.fixture(scope="module")
def planted(flowers: Path, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """The photos with everything wrong that there is."""
    planted = copy_of(flowers, tmp_path_factory.mktemp("planted") / "photos")
    for plant in (plant_doubles, plant_turns, plant_wrong_labels, plant_files, plant_names):
        plant(planted)
    return planted


@pytest.fixture(scope="module")
def before(planted: Planted) -> dict[str, tuple[int, bytes]]:
    """The folder before anybody looked at it."""
    return state(planted.folder)


@pytest.fixture(scope="module")
def sick(
    check: Callable[..., Output], planted: Planted, before: dict[str, tuple[int, bytes]]
) -> Document:
    """What is found there."""
    assert before
    return read(check(planted.folder, "--json"), 3)


def copy_of(flowers: Path, folder: Path) -> Planted:
    shutil.copytree(flowers, folder)
    for path in folder.rglob("*"):
        path.chmod(0o755)
    photos = [path for path in sorted(folder.glob("*/*")) if path.name not in ALIKE_ALREADY]
    order = np.random.default_rng(0).permutation(len(photos))
    return Planted(folder, iter([photos[index] for index in order]))


def plant_doubles(planted: Planted) -> None:
    for number, change in zip(range(ALIKE), list(CHANGES) * ALIKE, strict=False):
        original = next(planted.photos)
        label = original.parent.name if number % 4 else other_label(original)
        name = f"{change}_{number}.jpg"
        planted.write("alike", f"{label}/{name}", changed(original, change))
        planted.doubles[name] = original
    for number in range(COPIES):
        original = next(planted.photos)
        label = original.parent.name if number % 3 else other_label(original)
        name = f"copy_{number}.jpg"
        planted.write("copies", f"{label}/{name}", original.read_bytes())
        planted.doubles[name] = original


def plant_turns(planted: Planted) -> None:
    for number in range(2 * TURNED):
        orientation, is_stale = (6, 8)[number % 2], number < TURNED
        name = f"{'stale' if is_stale else 'right'} tag"
        upright = planted.take()
        pixels = upright if is_stale else stored_as_tagged(upright, orientation)
        planted.write(name, f"daisy/{name} {number}.jpg", tagged(pixels, orientation))
    wide = [planted.take().crop((0, 20, 227, 190)) for _ in range(6)]
    tall = [stored_as_tagged(picture, 6) for picture in wide]
    for number, content in enumerate(
        (
            tagged(wide[0], 6, tall[0].size),
            tagged(wide[1], 8, tall[1].size),
            tagged_with_thumbnail(wide[2], 6, tall[2]),
        )
    ):
        planted.write("turned twice", f"daisy/twice {number}.jpg", content)
    for number, content in enumerate(
        (tagged(tall[3], 6, tall[3].size), tagged_with_thumbnail(tall[4], 6, tall[4]))
    ):
        planted.write("right tag", f"daisy/once {number}.jpg", content)


def plant_wrong_labels(planted: Planted) -> None:
    for _ in range(WRONG):
        path = next(planted.photos)
        moved = planted.folder / other_label(path) / path.name
        path.rename(moved)
        planted.note("wrong label", moved)


def plant_files(planted: Planted) -> None:
    content = encoded(planted.take(), "JPEG")
    for name, broken in (
        ("cut.jpg", cut(content)),
        ("tail.jpg", with_a_tail_of_zeros(content)),
        ("grey.jpg", with_a_tail_of_zeros(content, 0.95, 2)),
    ):
        planted.write("truncated", f"rose/{name}", broken)
    for name, broken in (
        ("empty.jpg", b""),
        ("notes.jpg", b"to be done: buy roses\n"),
        ("page.jpg", b"<!DOCTYPE html><title>404</title>"),
        ("bomb.png", png_that_claims(20_000, 20_000)),
    ):
        planted.write("unreadable", f"rose/{name}", broken)
    for name in ("a.jpg", "b", "c.jpg-640"):
        planted.write("mis-named", f"tulip/{name}", encoded(planted.take()))
    large = planted.take().resize((6000, 4500))
    planted.write("oversized", "tulip/large.jpg", encoded(large, "JPEG", quality=30))


def plant_names(planted: Planted) -> None:
    names = {
        "file-collision": ("tulip/Scan.png", "tulip/scan.png"),
        "unportable-name": ("tulip/aux.png", "tulip/what?.png", "tulip/a:b.png"),
        "not-used": ("beside.png",),
        "refused-label": ("two\nlines/1.png",),
        "small": ("Rose/1.png", "Rose/2.png", "Rose/3.png"),
        "smaller": ("orchid/1.png", "orchid/2.png"),
        "twins": ("cafe\u0301/1.png", "caf\u00e9/1.png"),
    }
    for what, places in names.items():
        for place in places:
            planted.write(what, place, encoded(planted.take()))


def other_label(path: Path) -> str:
    return LABELS[(LABELS.index(path.parent.name) + 1 + len(path.name) % 4) % len(LABELS)]


def read(output: Output, expected: int) -> Document:
    assert output.returncode == expected, output.stderr
    document: Document = json.loads(output.stdout)
    return document


def found(document: Document, *kinds: str) -> list[Document]:
    assert set(kinds) <= set(KINDS)
    return [finding for finding in document["findings"] if finding["kind"] in kinds]


def names(document: Document, *kinds: str) -> set[str]:
    return {Path(path).name for one in found(document, *kinds) for path in one["paths"]}


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted([folder, *folder.rglob("*")])
    }


def test_real_photos_are_healthy_but_for_what_they_really_hold(healthy: Document) -> None:
    assert healthy["severities"]["error"] == 0
    assert healthy["pictures"] == 600
    assert {finding["kind"] for finding in healthy["findings"]} == {
        *("alike-across-splits", "suspected-label", "most-to-gain")
    }
    assert names(healthy, "alike-across-splits") == ALIKE_ALREADY
    assert TULIPS_AMONG_ROSES in names(healthy, "suspected-label")
    assert len(found(healthy, "suspected-label")) <= 8


def test_planted_wrong_labels_are_suspected_and_few_others(
    check: Callable[..., Output], healthy: Document, flowers: Path, tmp_path: Path
) -> None:
    planted = copy_of(flowers, tmp_path / "photos")
    plant_wrong_labels(planted)

    suspects = names(read(check(planted.folder, "--json"), 0), "suspected-label")

    wrong = planted.names["wrong label"]
    assert len(suspects & wrong) >= 6
    assert len(suspects - wrong) <= 10
    assert TULIPS_AMONG_ROSES in suspects & names(healthy, "suspected-label")


def test_planted_copies_are_found_and_no_others(sick: Document, planted: Planted) -> None:
    kinds = ("copies", "copies-across-splits", "copies-in-two-labels")

    assert {frozenset(Path(path).name for path in one["paths"]) for one in found(sick, *kinds)} == {
        frozenset({name, planted.doubles[name].name}) for name in planted.names["copies"]
    }
    assert {name for name in names(sick, "copies-in-two-labels") if name.startswith("copy")} == {
        f"copy_{number}.jpg" for number in range(0, COPIES, 3)
    }


def test_nearly_the_same_pictures_are_found_and_few_others(
    sick: Document, planted: Planted
) -> None:
    expected = {frozenset({name, planted.doubles[name].name}) for name in planted.names["alike"]}
    groups = {
        frozenset(Path(path).name for path in one["paths"])
        for one in found(sick, "alike", "alike-across-splits", "alike-in-two-labels")
    }

    assert len(groups & expected) >= 24
    assert ALIKE_ALREADY in groups
    assert len(groups - expected) <= 2


def test_tags_that_the_network_doubts_are_mostly_wrong(sick: Document, planted: Planted) -> None:
    doubted = names(sick, "doubtful-rotation")

    assert len(doubted & planted.names["stale tag"]) >= TURNED * 0.4
    assert len(doubted - planted.names["stale tag"]) <= 2


def test_tags_that_the_file_itself_disproves_are_found_and_no_others(
    sick: Document, planted: Planted
) -> None:
    assert names(sick, "wrong-rotation") == planted.names["turned twice"]


@pytest.mark.parametrize("kind", ["truncated", "oversized", "file-collision", "not-used"])
def test_each_kind_of_bad_file_is_found_and_no_others(
    sick: Document, planted: Planted, kind: str
) -> None:
    assert names(sick, kind) == planted.names[kind]


def test_files_that_cannot_be_read_are_found_and_no_others(
    sick: Document, planted: Planted
) -> None:
    assert names(sick, "unreadable") == planted.names["unreadable"]
    assert names(sick, "unportable-name") == planted.names["unportable-name"] | {"two\nlines"}
    assert names(sick, "mis-named") == planted.names["mis-named"] | {"notes.jpg", "page.jpg"}


def test_labels_that_collide_or_are_too_small_are_found(sick: Document) -> None:
    collisions = {frozenset(one["labels"]) for one in found(sick, "label-collision")}
    assert collisions == {frozenset({"Rose", "rose"}), frozenset({"caf\u00e9"})}
    assert {one["labels"][0] for one in found(sick, "too-few-pictures")} == {
        *("caf\u00e9", "orchid", "two\nlines")
    }
    assert {one["labels"][0] for one in found(sick, "refused-label")} == {"two\nlines"}
    assert {one["labels"][0] for one in found(sick, "few-pictures")} == {"Rose"}
    assert {one["labels"][0] for one in found(sick, "out-of-balance")} == {
        *("Rose", "caf\u00e9", "orchid", "two\nlines")
    }


def test_there_is_no_kind_of_finding_that_is_never_found(sick: Document, healthy: Document) -> None:
    kinds = {one["kind"] for document in (sick, healthy) for one in document["findings"]}

    assert kinds == set(KINDS)


def test_nothing_in_the_folder_is_changed(
    sick: Document, planted: Planted, before: dict[str, tuple[int, bytes]]
) -> None:
    assert sick["findings"]
    assert state(planted.folder) == before


def test_a_second_look_says_the_same_and_computes_nothing(
    check: Callable[..., Output], planted: Planted, sick: Document
) -> None:
    again = check(planted.folder, "--json")

    assert read(again, 3) == sick
    assert " 0 new," in again.stderr


def test_without_a_network_nothing_is_written_and_the_rest_is_found(
    planted: Planted, sick: Document, tmp_path: Path
) -> None:
    quick = read(run_in(tmp_path, "poets", "check", planted.folder, "--quick", "--json"), 3)

    unchecked = set(quick["not_checked"])
    assert unchecked == {
        *("alike", "alike-in-two-labels", "alike-across-splits"),
        *("suspected-label", "most-to-gain", "doubtful-rotation"),
    }
    assert quick["findings"] == [
        finding for finding in sick["findings"] if finding["kind"] not in unchecked
    ]
    assert list(tmp_path.iterdir()) == []

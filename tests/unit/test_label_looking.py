"""label-image --explain and --unknown: what is written, what is said, and what is refused."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

import poets
from poets.cli.label_image import command
from poets.export.tflite_model import attach
from poets.manifest import Manifest, read_zip_manifest
from tests.support.calling import Called, call
from tests.support.pictures import COLOURS, encoded, noisy
from tests.support.pooled import retrain_pooled_in
from tests.support.processes import NO_RIGHTS, python
from tests.support.retraining import retrain_in

YELLOW = (220, 200, 30)  # no label of the graph
FORBIDDEN = f"""
import sys
from pathlib import Path
from poets.errors import OutputError
from poets.labelling.explained import explain_places
{NO_RIGHTS}
try:
    explain_places(Path(sys.argv[1]), [Path("red.png")])
except OutputError as error:
    print(error)
"""
HALVES = ((5, 5, 35, 40), (5, 60, 35, 95))  # of a picture 40 pixels wide and 100 high
UNREADABLE = b"\x89PNG\r\n\x1a\n and no more"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pooled")
    retrain_pooled_in(folder)
    return folder


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph whose network averages no places."""
    folder = tmp_path_factory.mktemp("flat")
    retrain_in(folder)
    return folder / "graph.pb"


@pytest.fixture
def desk(trained: Path, tmp_path: Path) -> Path:
    for name in ("graph.pb", "graph.tflite"):
        shutil.copy(trained / name, tmp_path)
    for name, colour in {**COLOURS, "yellow": YELLOW}.items():
        (tmp_path / f"{name}.png").write_bytes(encoded(noisy(colour, seed=500)))
    return tmp_path


def label(desk: Path, *arguments: object) -> Called:
    return call(command, "--graph", "graph.pb", *arguments, folder=desk)


def refused(called: Called, code: int, desk: Path, before: set[str]) -> str:
    assert called.code == code, called.err
    assert called.out == ""
    assert called.err.count("Error: ") == 1
    assert names(desk) == before
    return called.err


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def spread(pixel: object) -> int:
    assert isinstance(pixel, tuple)
    return int(max(pixel) - min(pixel))


def comment(path: Path) -> object:
    with Image.open(path) as image:
        return image.info.get("comment", image.info.get("Comment"))


# --explain


@pytest.mark.parametrize(("name", "kind"), [("heat.png", "PNG"), ("heat.JPG", "JPEG")])
def test_one_picture_is_explained_in_one_file(desk: Path, name: str, kind: str) -> None:
    plain = label(desk, "red.png")
    called = label(desk, "red.png", "--explain", name)

    assert called.code == 0, called.err
    assert called.out.splitlines()[3:] == [*plain.out.splitlines()[3:], "", f"Heat map: {name}"]
    with Image.open(desk / name) as image:
        assert (image.format, image.size) == (kind, (24, 24))


def test_a_turned_picture_is_explained_the_right_way_up(desk: Path) -> None:
    shown = Image.new("RGB", (40, 100), (128, 128, 128))  # upright, red at its top
    shown.paste(COLOURS["red"], (0, 0, 40, 50))
    exif = Image.Exif()
    exif[0x0112] = 6  # what is stored is to be turned right
    shown.transpose(Image.Transpose.ROTATE_90).save(desk / "turned.jpg", exif=exif, quality=95)

    assert label(desk, "turned.jpg", "--explain", "heat.png").code == 0

    with Image.open(desk / "heat.png") as image:
        assert image.size == (40, 100)
        assert dict(image.getexif()) == {}
        top, bottom = (image.crop(box).resize((1, 1)).getpixel((0, 0)) for box in HALVES)
    assert spread(top) > 60  # in colour
    assert spread(bottom) < 20  # grey


def test_a_large_picture_is_explained_at_a_size_to_look_at(desk: Path) -> None:
    Image.new("RGB", (3000, 1500), COLOURS["red"]).save(desk / "large.png")

    label(desk, "large.png", "--explain", "heat.jpg")

    with Image.open(desk / "heat.jpg") as image:
        assert image.size == (1600, 800)


def test_several_pictures_are_explained_in_a_folder(desk: Path) -> None:
    called = label(desk, "red.png", "blue.png", "--explain", "новые карты/тепла")

    assert called.code == 0, called.err
    folder = desk / "новые карты" / "тепла"
    assert names(folder) == {"red.jpg", "blue.jpg"}
    assert called.out.splitlines()[0].endswith("   -> новые карты/тепла/red.jpg")


def test_programs_are_told_where_the_heat_map_is(desk: Path) -> None:
    called = label(desk, "red.png", "--explain", "maps", "--jsonl")

    assert json.loads(called.out)["explained_in"] == "maps/red.jpg"
    assert "unknown" not in json.loads(called.out)


def test_heat_maps_of_pictures_with_one_name_lie_side_by_side(desk: Path) -> None:
    for folder in ("a", "b", "c"):
        (desk / folder).mkdir()
        shutil.copy(desk / "red.png", desk / folder / ("Red.png" if folder == "c" else "red.png"))

    label(desk, "a", "b", "c", "--explain", "maps")
    label(desk, "a", "b", "c", "--explain", "maps")  # a second time they are replaced

    assert names(desk / "maps") == {"red.jpg", "red_2.jpg", "Red_3.jpg"}


def test_a_picture_in_the_folder_of_heat_maps_stays(desk: Path) -> None:
    (desk / "maps").mkdir()
    mine = encoded(noisy(YELLOW, seed=1), "JPEG")
    (desk / "maps" / "red.jpg").write_bytes(mine)

    called = label(desk, "red.png", "--explain", "maps")

    assert called.code == 0, called.err
    assert (desk / "maps" / "red.jpg").read_bytes() == mine
    assert names(desk / "maps") == {"red.jpg", "red_2.jpg"}


def test_a_heat_map_may_be_replaced_by_a_newer_one(desk: Path) -> None:
    for picture in ("red.png", "blue.png"):
        assert label(desk, picture, "--explain", "heat.png").code == 0

    assert comment(desk / "heat.png") == "heat map by poets"


def test_a_broken_picture_among_good_ones_has_no_heat_map(desk: Path) -> None:
    (desk / "broken.png").write_bytes(UNREADABLE)

    called = label(desk, "broken.png", "red.png", "gone.png", "--explain", "maps", "--csv")

    assert called.code == 3
    assert [bool(row["error"]) for row in csv.DictReader(io.StringIO(called.out))] == [
        *(True, False, True),
    ]
    assert names(desk / "maps") == {"red.jpg"}


def test_a_link_that_leads_to_itself_stops_no_other(desk: Path) -> None:
    (desk / "loop.png").symlink_to("loop.png")

    called = label(desk, "loop.png", "red.png", "--explain", "maps")

    assert called.code == 3
    assert names(desk / "maps") == {"red.jpg"}


def test_one_broken_picture_is_an_error_and_nothing_is_written(desk: Path) -> None:
    (desk / "broken.png").write_bytes(UNREADABLE)
    before = names(desk)

    called = label(desk, "broken.png", "--explain", "heat.png")

    assert called.code == 3
    assert "broken.png: not a picture" in called.err
    assert names(desk) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("red.png", "--explain", "red.png"), "is the picture itself"),
        (("red.png", "--explain", "./blue/../red.png"), "is the picture itself"),
        (("red.png", "--explain", "link.png"), "is the picture itself"),
        (("red.png", "--explain", "blue.png"), "is no heat map"),
        (("red.png", "--explain", "."), "these pictures are in that folder"),
        (("red.png", "--explain", "graph.pb"), "is no folder"),
        (("red.png", "--explain", "heat.webp"), "JPEG or PNG"),
        (("red.png", "blue.png", "--explain", "heat.png"), "one file, for 2 pictures"),
        (("red.png", "--explain", "graph.pb/heat.png"), "cannot be written"),
        (("red.png", "--explain", "graph.pb/maps"), "cannot be written"),
        (("red.png", "--explain", f"{'x' * 300}.png"), "name too long"),
        (("red.png", "--explain", f"{'x' * 300}"), "name too long"),
    ],
)
def test_a_place_that_will_not_do_is_refused(
    desk: Path, arguments: tuple[str, ...], says: str
) -> None:
    (desk / "blue").mkdir()
    (desk / "link.png").symlink_to("red.png")
    before = {path.name: path.read_bytes() for path in desk.glob("*.png")}

    err = refused(label(desk, *arguments), 2, desk, names(desk))

    assert says in err
    assert {path.name: path.read_bytes() for path in desk.glob("*.png")} == before


@pytest.mark.parametrize("place", ["maps", "maps/heat.png"])
def test_a_folder_that_may_not_be_written_is_named(desk: Path, place: str) -> None:
    (desk / "maps").mkdir(mode=0o555)
    desk.chmod(0o755)

    said = python(FORBIDDEN, place, folder=desk).stdout

    assert "cannot be written: permission denied" in said
    assert names(desk / "maps") == set()


def test_a_network_that_averages_no_places_cannot_explain(desk: Path, flat: Path) -> None:
    called = call(command, "--graph", flat, "red.png", "--explain", "maps", folder=desk)

    err = refused(called, 4, desk, names(desk))
    assert "does not end in a map of places" in err
    assert "efficientnet_lite0" in err
    assert not (desk / "maps").exists()


# --unknown


def test_a_colour_that_was_never_seen_is_unknown(desk: Path) -> None:
    called = label(desk, "red.png", "yellow.png", "--unknown")

    assert called.code == 0, called.err
    red, yellow = called.out.splitlines()
    assert red.split()[1] == "red"
    assert yellow.split()[1:] == ["unknown", "1.000"]
    assert called.err == "1 labelled, 1 unknown\n"


def test_one_unknown_picture_is_told_in_the_codelab_s_lines(desk: Path) -> None:
    assert label(desk, "yellow.png", "--unknown").out.splitlines()[3:] == [
        "unknown (score=1.00000)"
    ]


def test_programs_are_told_how_far_a_picture_is(desk: Path) -> None:
    red, yellow = json.loads(label(desk, "red.png", "yellow.png", "--unknown", "--json").out)

    assert yellow["predictions"] == [{"label": "unknown", "score": 1.0}]
    assert (yellow["unknown"], yellow["farther_than"]) == (True, 1.0)
    assert len(red["predictions"]) == 3
    assert red["unknown"] is False
    assert red["farther_than"] <= 0.95
    assert red["distance"] < 3 < yellow["distance"]


def test_the_unknown_are_sorted_into_a_folder_of_their_own(desk: Path) -> None:
    label(desk, "red.png", "yellow.png", "--unknown", "--sort_into", "sorted", "--csv")

    assert names(desk / "sorted") == {"red", "red/red.png", "unknown", "unknown/yellow.png"}


def test_a_threshold_is_for_labels_and_does_not_hide_the_unknown(desk: Path) -> None:
    called = label(desk, "yellow.png", "--unknown", "--threshold", "1", "--jsonl")

    assert json.loads(called.out)["predictions"][0]["label"] == "unknown"


def test_the_scores_are_those_of_labelling_without_a_look(desk: Path) -> None:
    arguments = ("red.png", "blue.png", "green.png", "--csv")

    assert label(desk, *arguments, "--unknown").out == label(desk, *arguments).out


def test_both_at_once_look_once(desk: Path) -> None:
    called = label(desk, "yellow.png", "--unknown", "--explain", "heat.jpg")

    assert called.out.endswith("unknown (score=1.00000)\n\nHeat map: heat.jpg\n")
    assert comment(desk / "heat.jpg") == b"heat map by poets"


def test_fewer_are_accepted_where_that_is_asked_for(desk: Path) -> None:
    paint = [desk / f"{name}_{seed}.png" for name in COLOURS for seed in range(20)]
    for seed, path in enumerate(paint):
        path.write_bytes(encoded(noisy(COLOURS[path.name.split("_")[0]], seed=900 + seed)))

    def unknown(*more: str) -> int:
        lines = label(desk, *paint, "--unknown", "--jsonl", *more).out.splitlines()
        return sum(json.loads(line)["unknown"] for line in lines)

    assert unknown() <= unknown("--known_share", "0.8") < unknown("--known_share", "0.5") < 60


def test_a_label_that_is_called_unknown_is_told_apart_in_json(desk: Path) -> None:
    (desk / "mine.txt").write_text("blue\ngreen\nunknown\n")

    called = label(desk, "red.png", "yellow.png", "--unknown", "--jsonl", "--labels", "mine.txt")

    red, yellow = map(json.loads, called.out.splitlines())
    assert red["predictions"][0]["label"] == yellow["predictions"][0]["label"] == "unknown"
    assert (red["unknown"], yellow["unknown"]) == (False, True)


def test_several_graphs_are_not_looked_into(desk: Path) -> None:
    called = label(desk, "--graph", "graph.tflite", "red.png", "--unknown")

    assert "look into one graph, not into 2" in refused(called, 2, desk, names(desk))


@pytest.mark.parametrize("share", ["0.2", "1", "nan"])
def test_a_share_of_nothing_and_of_all_is_refused(desk: Path, share: str) -> None:
    called = label(desk, "red.png", "--unknown", "--known_share", share)

    assert "--known_share" in refused(called, 2, desk, names(desk))


def test_a_network_without_a_map_knows_the_unknown_too(desk: Path, flat: Path) -> None:
    called = call(command, "--graph", flat, "red.png", "yellow.png", "--unknown", folder=desk)

    assert [line.split()[1] for line in called.out.splitlines()] == ["red", "unknown"]


def test_a_graph_of_an_older_poets_says_what_to_do(desk: Path) -> None:
    path = desk / "graph.tflite"
    manifest = read_zip_manifest(path)
    assert manifest is not None
    values = json.loads(manifest.to_json())
    del values["familiar"]
    older = Manifest.from_json(json.dumps(values).encode())
    assert dict(older.familiar) == {}
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"PK\x03\x04")])
    attach(older, path)

    called = call(command, "--graph", path, "red.png", "--unknown", folder=desk)

    assert "does not know what is unknown" in refused(called, 4, desk, names(desk))
    assert "train again" in called.err
    assert call(command, "--graph", path, "red.png", folder=desk).code == 0


# From Python


def test_python_says_unknown_too(desk: Path) -> None:
    classifier = poets.load(desk / "graph.pb")

    red, yellow = classifier.label([desk / "red.png", desk / "yellow.png"], unknown=True)

    assert red[0].label == "red"
    assert yellow == (poets.Prediction("unknown", 1.0),)
    assert classifier.label([desk / "yellow.png"])[0][0].label != "unknown"


def test_python_explains_a_picture_of_any_kind(desk: Path) -> None:
    classifier = poets.load(desk / "graph.pb")
    with Image.open(desk / "red.png") as image:
        image.load()

    by_path, by_bytes, by_image = (
        classifier.explain(picture, "red").tobytes()
        for picture in (desk / "red.png", (desk / "red.png").read_bytes(), image)
    )

    assert by_path == by_bytes == by_image
    assert classifier.explain(desk / "red.png").tobytes() == by_path
    assert classifier.explain(desk / "red.png", "blue").tobytes() != by_path


def test_python_names_what_cannot_be_explained(desk: Path, flat: Path) -> None:
    classifier = poets.load(desk / "graph.pb")

    with pytest.raises(poets.ModelError, match=r"no label 'rde'\. Did you mean 'red'"):
        classifier.explain(desk / "red.png", "rde")
    with pytest.raises(poets.DataError, match=r"gone\.png: no such file"):
        classifier.explain(desk / "gone.png")
    with pytest.raises(poets.DataError, match="a picture in memory: "):
        classifier.explain(UNREADABLE)
    with pytest.raises(poets.ModelError, match="map of places"):
        poets.load(flat).explain(desk / "red.png")

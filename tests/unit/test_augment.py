"""`poets augment`: a sheet of pictures as they are and as they are distorted."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poets.cli.augment import command
from poets.config.augment import MOST_VARIANTS, SUFFIXES
from poets.decode import ByteArray
from poets.distort import Distortion
from poets.distort.sheet import loaders, sheet
from poets.features.recipe import DistortedRecipe
from poets.preprocess import Preprocess
from tests.support.calling import Called, call
from tests.support.commands import run_in
from tests.support.pictures import COLOURS, encoded, gradient, paint_folders
from tests.support.processes import python

STRONG = ("--random_rotation", "90", "--random_saturation", "80")
SMALL = ("--image_size", "100", "--pictures", "4")  # a flag that comes again wins
PIXELS = Preprocess(100, 100, mean=0, std=1)
HELP = """
import sys
from poets.cli.poets import command
command.main(sys.argv[1:], standalone_mode=False)
print(*sorted({"numpy", "PIL", "rich"} & set(sys.modules)))
"""
LOADED = HELP.replace('"numpy", "PIL", "rich"', '"tensorflow", "keras", "tensorboard"')


@pytest.fixture
def place(tmp_path: Path) -> Path:
    paint_folders(tmp_path / "photos", 3)
    return tmp_path


def draw(place: Path, *flags: str) -> Called:
    places = ("--image_dir", "photos", "--output", "sheet.png")
    return call(command, *places, *SMALL, *flags, folder=place)


def tiles(path: Path, side: int) -> ByteArray:
    """Return the sheet's tiles, [rows, columns, side, side, channels]."""
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    rows, columns = ((length - 4) // (side + 4) for length in pixels.shape[:2])
    inside = pixels[4:, 4:].reshape(rows, side + 4, columns, side + 4, 3)
    return inside.swapaxes(1, 2)[:, :, :side, :side]


def test_a_row_is_a_picture_as_it_is_and_its_variants(place: Path) -> None:
    called = draw(place, *STRONG, "--distortion_variants", "3", "--pictures", "8")

    assert (called.code, called.out) == (0, "sheet.png\n")
    drawn = tiles(place / "sheet.png", 100)
    assert drawn.shape[:2] == (8, 4)
    files = [path.read_bytes() for path in (place / "photos").glob("*/*.png")]
    originals = [PIXELS.load(content) for content in files]
    for row in drawn:
        assert any((row[0] == original).all() for original in originals)
        assert len({tile.tobytes() for tile in row}) == 4


def test_labels_take_turns(place: Path) -> None:
    draw(place, *STRONG, "--pictures", "6")

    firsts = tiles(place / "sheet.png", 100)[:, 0].mean(axis=(1, 2))
    colours = np.array([COLOURS[label] for label in sorted(COLOURS)])
    nearest = np.abs(firsts[:, np.newaxis] - colours).sum(axis=-1).argmin(axis=1)
    assert nearest.tolist() == [0, 1, 2] * 2


def test_a_sheet_has_all_pictures_where_there_are_few(place: Path) -> None:
    draw(place, *STRONG, "--pictures", "32")

    assert len(tiles(place / "sheet.png", 100)) == 9


def test_the_seed_decides_over_pictures_and_variants(place: Path) -> None:
    sheets = []
    for seed in ("1", "1", "2"):
        draw(place, *STRONG, "--seed", seed)
        sheets.append((place / "sheet.png").read_bytes())

    assert sheets[0] == sheets[1] != sheets[2]


@pytest.mark.parametrize("asked", ["0", "1000"])
def test_many_variants_are_shown_as_far_as_one_can_look_at_them(place: Path, asked: str) -> None:
    draw(place, *STRONG, "--distortion_variants", asked)

    assert tiles(place / "sheet.png", 100).shape[1] == 1 + MOST_VARIANTS


def test_small_inputs_are_shown_pixel_by_pixel(place: Path) -> None:
    draw(place, *STRONG, "--image_size", "28", "--gray")

    drawn = tiles(place / "sheet.png", 28 * 4)
    assert (drawn == drawn[..., :1]).all()
    small = drawn[:, :, ::4, ::4]
    assert (drawn == small.repeat(4, axis=2).repeat(4, axis=3)).all()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_largest_sheet_fits_into_every_kind_of_file(place: Path, suffix: str) -> None:
    name = f"large{suffix.upper()}"
    flags = ("--output", name, "--pictures", "1", "--image_size", "500")

    assert draw(place, *STRONG, *flags, "--distortion_variants", "16").code == 0
    with Image.open(place / name) as image:
        assert image.width == 17 * 504 + 4
        assert 32 * 504 + 4 < 16384  # the tallest that WebP can hold


def test_files_that_are_no_pictures_are_named_and_left_out(place: Path) -> None:
    for path in (place / "photos" / "red").iterdir():
        path.write_text("no picture")

    called = draw(place, *STRONG, "--pictures", "32")

    assert called.code == 0
    assert called.err.count("not a picture; it is not shown.") == 3
    assert len(tiles(place / "sheet.png", 100)) == 6


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        ((), 2, "no distortion is asked for"),
        (("--random_rotation", "181"), 2, "--random_rotation 181: it is from 0 to 180"),
        ((*STRONG, "--output", "sheet.txt"), 2, "ends with none of .png"),
        ((*STRONG, "--output", "."), 2, "ends with none of .png"),
        ((*STRONG, "--image_dir", "nowhere"), 3, "no such folder"),
        ((*STRONG, "--image_size", "0"), 2, "--image_size 0: it is from 1 to 500"),
        ((*STRONG, "--output", "photos/red/red_000.png/x.png"), 2, "cannot be written"),
        (("--random_rotate", "3"), 2, "Did you mean '--random_rotation'?"),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(
    place: Path, flags: tuple[str, ...], code: int, said: str
) -> None:
    before = sorted(place.rglob("*"))

    called = draw(place, *flags)

    assert (called.code, called.out) == (code, "")
    assert said in called.err
    assert sorted(place.rglob("*")) == before


def test_a_folder_without_any_picture_is_an_error(place: Path) -> None:
    for path in (place / "photos").glob("*/*"):
        path.write_text("no picture")

    called = draw(place, *STRONG)

    assert called.code == 3
    assert "photos: no readable picture." in called.err
    assert not (place / "sheet.png").exists()


def test_pictures_are_never_changed_or_written_beside(place: Path) -> None:
    before = {path: path.read_bytes() for path in (place / "photos").glob("*/*")}

    draw(place, *STRONG)

    assert {path: path.read_bytes() for path in (place / "photos").glob("*/*")} == before


def test_it_is_a_command_of_poets_with_a_default_place(place: Path) -> None:
    output = run_in(place, "poets", "augment", "--image-dir", "photos", "--flip-up-down", *SMALL)

    assert (output.returncode, output.stderr) == (0, "")
    assert output.stdout == "tf_files/augmented.png\n"
    assert (place / "tf_files" / "augmented.png").exists()


def test_help_loads_nothing_slow_and_a_sheet_no_tensorflow(place: Path) -> None:
    shown = python(HELP, "augment", "--help", folder=place)
    drawn = python(LOADED, "augment", "--image_dir", "photos", *STRONG, *SMALL, folder=place)

    assert shown.stdout.splitlines()[-1] == ""
    assert drawn.stdout.splitlines() == ["tf_files/augmented.png", ""]


# From Python


def test_a_sheet_of_recipes_shows_what_is_trained_with() -> None:
    content = encoded(gradient(120, 100))
    network = Preprocess(100, 100, mean=127, std=128)
    distortion = Distortion(random_rotation=30, random_noise=5)
    recipes = [DistortedRecipe("digest", network, distortion, k, 0) for k in range(3)]

    drawn = np.asarray(sheet([content], [recipe.load for recipe in recipes], network))

    for column, recipe in enumerate(recipes):
        tile = drawn[4:104, 4 + 104 * column : 104 + 104 * column]
        assert np.abs(tile - (recipe.load(content) * 128 + 127)).max() <= 0.51


def test_what_is_brighter_than_white_is_shown_white() -> None:
    content = encoded(Image.new("RGB", (9, 9), "white"))
    columns = loaders(Distortion(random_brightness=100), PIXELS, 20, seed=0)

    drawn = np.asarray(sheet([content], columns, PIXELS))

    assert drawn[50, 54] == pytest.approx(255)
    assert drawn[50].min() < 100


def test_no_pictures_are_an_empty_sheet() -> None:
    assert sheet([], [PIXELS.load], PIXELS).size == (108, 4)


def test_a_picture_of_a_label_is_never_drawn_over(place: Path) -> None:
    picture = next((place / "photos").glob("*/*.png"))
    before = picture.read_bytes()

    called = draw(place, *STRONG, "--output", str(picture.relative_to(place)))

    assert called.code == 2
    assert "is in a folder of pictures." in called.err
    assert picture.read_bytes() == before

"""The projector's files, read as TensorBoard reads them."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format
from PIL import Image
from tensorboard.plugins.projector import metadata
from tensorboard.plugins.projector.projector_config_pb2 import EmbeddingInfo, ProjectorConfig

from poets.errors import OutputError
from poets.preprocess import FloatArray
from poets.summaries.projector import CONFIG, FOLDER, Points, fewer_dimensions, write_projector
from tests.support.pictures import encoded

COLOURS = ("red", "lime", "blue", "yellow", "magenta")


def points(n: int = 5, size: int = 8, names: Sequence[str] = COLOURS) -> Points:
    rng = np.random.default_rng(0)
    values = rng.standard_normal((n, size)).astype(np.float32)
    jpegs = [encoded(Image.new("RGB", (128, 96), COLOURS[i % 5]), "JPEG") for i in range(n)]
    return Points(values, jpegs, ("label", "file"), [(names[i % 5], f"{i}.jpg") for i in range(n)])


def embedding(folder: Path) -> EmbeddingInfo:
    config = text_format.Parse(
        (folder / metadata.PROJECTOR_FILENAME).read_text(), ProjectorConfig()
    )
    (only,) = config.embeddings
    return only


def tensor(folder: Path) -> FloatArray:
    path = folder / embedding(folder).tensor_path
    return np.loadtxt(path, np.float32, delimiter="\t", ndmin=2, encoding="ascii")


def table(folder: Path) -> list[list[str]]:
    text = (folder / embedding(folder).metadata_path).read_bytes().decode()
    return [line.split("\t") for line in text.removesuffix("\n").split("\n")]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def distances(values: FloatArray) -> FloatArray:
    apart: FloatArray = np.linalg.norm(values[:, np.newaxis] - values[np.newaxis], axis=-1)
    return apart


def test_points_are_as_far_apart_as_their_features(tmp_path: Path) -> None:
    shown = points(20)

    write_projector(tmp_path, shown)

    written, true = distances(tensor(tmp_path)), distances(shown.values)
    assert written / written.max() == pytest.approx(true / true.max(), abs=1e-3)


def test_each_point_has_a_line_beneath_the_columns_names(tmp_path: Path) -> None:
    write_projector(tmp_path, points())

    header, *rows = table(tmp_path)
    assert header == ["label", "file"]
    assert rows == [[colour, f"{i}.jpg"] for i, colour in enumerate(COLOURS)]


@pytest.mark.parametrize("n", [2, 4, 5, 10])
def test_each_point_has_its_picture_in_a_square(tmp_path: Path, n: int) -> None:
    write_projector(tmp_path, points(n))

    sprite = embedding(tmp_path).sprite
    width, height = sprite.single_image_dim
    with Image.open(tmp_path / sprite.image_path) as image:
        assert image.width == image.height
        assert image.width % width == image.height % height == 0
        columns = image.width // width
        assert (columns - 1) ** 2 < n <= columns**2
        for index in range(n):
            row, column = divmod(index, columns)
            middle = (column * width + width // 2, row * height + height // 2)
            expected = Image.new("RGB", (1, 1), COLOURS[index % 5]).getpixel((0, 0))
            assert image.convert("RGB").getpixel(middle) == pytest.approx(expected, abs=40)


def test_a_picture_that_cannot_be_read_is_white(tmp_path: Path) -> None:
    shown = points(2)

    write_projector(tmp_path, Points(shown.values, [b"", b""], shown.columns, shown.rows))

    with Image.open(tmp_path / embedding(tmp_path).sprite.image_path) as image:
        assert np.asarray(image).min() == 255


def test_hostile_words_stay_in_their_cells(tmp_path: Path) -> None:
    names = ["a\tb", "a\nb\r", "\x1b[31m", "花 🌼 \u2028", "\udcff"]

    write_projector(tmp_path, points(names=names))

    header, *rows = table(tmp_path)
    assert len(rows) == 5
    assert {len(row) for row in rows} == {len(header)}
    assert rows[3][0].startswith("花 🌼 ")


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((3, 4), np.float32),
        np.full((3, 200), 0.5, np.float32),
        np.eye(3, 200, dtype=np.float32) * 1e30,
    ],
)
def test_odd_features_make_a_file_that_can_be_read(tmp_path: Path, values: FloatArray) -> None:
    shown = points(3)

    write_projector(tmp_path, Points(values, shown.jpegs, shown.columns, shown.rows))

    assert np.isfinite(tensor(tmp_path)).all()
    assert len(tensor(tmp_path)) == 3


def test_many_dimensions_become_few_that_keep_who_is_near_whom() -> None:
    rng = np.random.default_rng(1)
    groups = rng.standard_normal((4, 500)).repeat(25, axis=0) * 3
    values = (groups + rng.standard_normal((100, 500))).astype(np.float32)

    fewer = fewer_dimensions(values, 16)

    assert fewer.shape == (100, 16)
    nearest = distances(fewer).argsort(axis=1)[:, 1]
    assert (nearest // 25 == np.arange(100) // 25).all()
    kept = np.square(fewer).sum() / np.square(values - values.mean(axis=0)).sum()
    exact = np.linalg.svd(values - values.mean(axis=0), compute_uv=False)
    assert kept > 0.9 * np.square(exact[:16]).sum() / np.square(exact).sum()


def test_the_same_points_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_projector(tmp_path / name, points(9, 100))

    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert len(contents(tmp_path / "a")) == 4


def test_other_points_take_the_place_of_the_last_ones(tmp_path: Path) -> None:
    write_projector(tmp_path, points(5))
    write_projector(tmp_path, points(9))

    assert len(tensor(tmp_path)) == len(table(tmp_path)) - 1 == 9
    assert len(contents(tmp_path)) == 4


def test_a_file_that_was_lost_is_written_again(tmp_path: Path) -> None:
    write_projector(tmp_path, points())
    before = contents(tmp_path)
    for path in (tmp_path / FOLDER).iterdir():
        path.unlink()

    write_projector(tmp_path, points())

    assert contents(tmp_path) == before


def test_the_words_follow_though_the_points_are_the_same(tmp_path: Path) -> None:
    write_projector(tmp_path, points())
    write_projector(tmp_path, points(names=("a", "b", "c", "d", "e")))

    assert [row[0] for row in table(tmp_path)] == ["label", "a", "b", "c", "d", "e"]


def test_another_tools_projector_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text('embeddings { tensor_name: "mine" }')

    write_projector(tmp_path, points())

    assert contents(tmp_path) == {CONFIG: b'embeddings { tensor_name: "mine" }'}


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_points_are_not_written(tmp_path: Path, n: int) -> None:
    write_projector(tmp_path, points(n))

    assert contents(tmp_path) == {}


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / FOLDER).touch()

    with pytest.raises(OutputError, match=FOLDER):
        write_projector(tmp_path, points())


def test_thousands_of_points_stay_small(tmp_path: Path) -> None:
    shown = points(1500, 1280)
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG")

    write_projector(
        tmp_path, Points(shown.values, [file.getvalue()] * 1500, ("a",), [("b",)] * 1500)
    )

    assert sum(map(len, contents(tmp_path).values())) < 8_000_000

"""The page of results that a training leaves beside its graph."""

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from poets.config.page import PageConfig
from poets.config.retrain import RetrainConfig
from poets.dataset import Dataset, Features
from poets.errors import AccuracyError, OutputError, UsageError
from poets.images import LabeledImage
from poets.pipeline import retrain
from poets.report import Reporter
from poets.stages.suspects import MOST_LABELS, judge_all, tell_suspects
from tests.support.features import dataset_of
from tests.support.pages import SIGHT, Page
from tests.support.retraining import config_in, retrain_in, with_output, with_split, with_train


def with_page(config: RetrainConfig, **values: object) -> RetrainConfig:
    return replace(config, page=PageConfig(**values))  # type: ignore[arg-type]


def test_a_training_leaves_a_page_beside_the_graph(tmp_path: Path) -> None:
    result = retrain_in(tmp_path)

    place = tmp_path / "report.html"
    assert result.published.files["report"] == place
    page = Page(place.read_text("utf-8"))
    text = " ".join(page.text.split())
    assert f"of {result.evaluation.n} test pictures named right" in text
    assert "Cross entropy" in text
    assert len(page.all("polyline")) == 8
    assert f"retrain --image_dir {tmp_path}/images" in text
    links = {a["href"] for a in page.all("a") if not (a["href"] or "").startswith("#")}
    assert {f"images/{i.label}/{i.path.name}" for i in result.testing} <= links


def test_the_same_training_makes_the_same_page_and_opens_no_picture(tmp_path: Path) -> None:
    retrain_in(tmp_path)
    before = (tmp_path / "report.html").read_bytes()
    for picture in (tmp_path / "images").rglob("*.png"):
        status = picture.stat()
        picture.write_bytes(bytes(status.st_size))
        os.utime(picture, ns=(status.st_atime_ns, status.st_mtime_ns))

    retrain_in(tmp_path)

    assert (tmp_path / "report.html").read_bytes() == before


def test_a_page_is_left_out_where_nobody_wants_it(tmp_path: Path) -> None:
    result = retrain(with_page(config_in(tmp_path), no_report=True), Reporter())

    assert "report" not in result.published.files
    assert not list(tmp_path.glob("*.html"))


def test_a_page_goes_where_it_is_wanted(tmp_path: Path) -> None:
    place = tmp_path / "pages" / "of today.html"

    retrain(with_page(config_in(tmp_path), report=place), Reporter())

    assert "../images/" in place.read_text("utf-8")
    assert not (tmp_path / "report.html").exists()


def test_names_of_any_characters_lead_to_their_files(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    label = "<img src=x onerror=alert(1)> & \"q\" 'a' \u202e牡丹"
    (tmp_path / "images" / "red").rename(tmp_path / "images" / label)
    for number, picture in enumerate(sorted((tmp_path / "images" / label).iterdir())):
        name = os.fsencode(f"{number} #?%41&<b>.") + b"\xff.png"
        picture.rename(picture.with_name(os.fsdecode(name)))

    retrain(config, Reporter())

    page = Page((tmp_path / "report.html").read_text("utf-8"))
    links = {a["href"] or "" for a in page.all("a") if not (a["href"] or "#").startswith("#")}
    assert any("%3Cimg" in link for link in links)
    assert all((tmp_path / os.fsdecode(unquote_to_bytes(link))).is_file() for link in links)
    assert label in page.text
    assert not any(name.startswith("on") for _, a in page.elements for name in a)


def test_below_the_gate_there_is_no_page(tmp_path: Path) -> None:
    config = with_output(config_in(tmp_path), assert_accuracy_at_least=1.0)

    with pytest.raises(AccuracyError):
        retrain(with_train(config, how_many_training_steps=1, learning_rate=1e-9), Reporter())

    assert not list(tmp_path.glob("*.html"))
    assert not list(tmp_path.glob(".*"))


def test_without_test_pictures_the_page_says_so(tmp_path: Path) -> None:
    retrain(with_split(config_in(tmp_path), testing=0, validation=0), Reporter())

    text = (tmp_path / "report.html").read_text("utf-8")
    assert "nobody knows how good it is" in text
    assert re.search(r"At the end [\d.]+ % in training\.", text)
    assert "> validation</span>" not in text


def test_of_too_many_labels_the_page_says_what_judges_them(tmp_path: Path) -> None:
    config = config_in(tmp_path, count=3)
    for number in range(MOST_LABELS):
        shutil.copytree(tmp_path / "images" / "red", tmp_path / "images" / f"red {number}")

    retrain(with_split(config, testing=20, validation=10), Reporter())

    said = Page((tmp_path / "report.html").read_text("utf-8")).text
    flags = f"--testing_percentage 20 --architecture {config.backbone.architecture}"
    assert f"poets check {config.data.image_dir} {flags}" in said


def test_a_page_of_the_users_own_is_left_alone(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    (tmp_path / "report.html").write_text("<h1>My thesis</h1>")

    with pytest.raises(UsageError, match=r"report\.html is no page of results of ours"):
        retrain(config, Reporter())

    assert (tmp_path / "report.html").read_text() == "<h1>My thesis</h1>"
    assert not (tmp_path / "graph.pb").exists()
    retrain(with_page(config, report=tmp_path / "report.html"), Reporter())
    assert "My thesis" not in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("images/red/report.html", UsageError),
        ("graph.pb", UsageError),
        ("graph.tflite", UsageError),
        ("labels.txt", UsageError),
        ("images", OutputError),
    ],
)
def test_a_page_does_not_go_where_something_else_is(
    place: str, error: type[Exception], tmp_path: Path
) -> None:
    config = with_page(config_in(tmp_path), report=tmp_path / place)

    with pytest.raises(error):
        retrain(config, Reporter())

    assert not (tmp_path / "graph.pb").exists()


def test_a_page_cannot_be_named_and_left_out() -> None:
    with pytest.raises(UsageError, match="leave one"):
        PageConfig(report=Path("a.html"), no_report=True)


def test_a_picture_in_a_wrong_folder_is_suspected() -> None:
    dataset = mislabelled(folder_of(spread=0.3), row=7)

    suspects = tell_suspects(judge_all(dataset, Path()), SIGHT, "")

    assert suspects.count == len(suspects.shots) == 1
    (shot,) = suspects.shots
    assert shot.name == "tulips/7.jpg"
    assert [label for label, _ in shot.scores] == [0, 2]
    assert shot.scores[0][1] > 0.8


def test_where_all_labels_fit_none_is_suspected() -> None:
    assert tell_suspects(judge_all(folder_of(spread=0.1), Path()), SIGHT, "").count == 0


def test_where_labels_cannot_be_told_apart_the_page_says_so() -> None:
    suspects = tell_suspects(judge_all(folder_of(spread=100.0), Path()), SIGHT, "")

    assert not suspects.shots
    assert "of 180 pictures better, so the network cannot tell" in suspects.why_not


def folder_of(spread: float) -> Dataset:
    """Return a data set in which no two pictures have one name."""
    dataset = dataset_of(spread=spread)
    return replace(
        dataset,
        validation=renamed(dataset.validation, "v"),
        testing=renamed(dataset.testing, "t"),
    )


def renamed(part: Features, prefix: str) -> Features:
    images = (replace(i, path=i.path.with_name(prefix + i.path.name)) for i in part.images)
    return replace(part, images=tuple(images))


def mislabelled(dataset: Dataset, row: int) -> Dataset:
    """Put a daisy of the training among the tulips."""
    training = dataset.training
    label_ids, images = training.label_ids.copy(), list(training.images)
    label_ids[row] = dataset.labels.index("tulips")
    images[row] = LabeledImage("tulips", Path(f"tulips/{row}.jpg"))
    return replace(dataset, training=Features(training.values, label_ids, tuple(images)))

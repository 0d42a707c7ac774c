"""A graph asked about folders: its own test pictures, new ones, and folders that do not fit."""

import csv
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poets.config.data import SplitConfig
from poets.errors import DataError, ModelError, UsageError
from poets.evaluation.config import DocumentConfig, EvaluateConfig
from poets.evaluation.document import to_csv, to_json
from poets.evaluation.folder import FolderEvaluation, evaluate_folder
from poets.evaluation.parts import make_split, say_split
from poets.evaluation.probabilities import LOGITS, SHARES, as_probabilities
from poets.images import find_images
from poets.pipeline import RetrainResult
from poets.report import Reporter
from poets.runtimes.model import Model
from poets.runtimes.open import open_model
from poets.split import PARTS, assign_split
from tests.support.pictures import encoded, noisy, paint_folders
from tests.support.reporters import Recorder
from tests.support.retraining import label_config, retrain_in

LABELS = ("blue", "green", "red")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("retrained")


@pytest.fixture(scope="module")
def trained(place: Path) -> RetrainResult:
    return retrain_in(place)


@pytest.fixture
def model(place: Path, trained: RetrainResult) -> Model:  # noqa: ARG001 - it made the graph
    return open_model(label_config(place / "graph.pb"))


def evaluated(
    model: Model,
    folder: Path,
    reporter: Reporter | None = None,
    **config: Any,  # noqa: ANN401
) -> FolderEvaluation:
    return evaluate_folder(model, folder, EvaluateConfig(**config), reporter or Reporter())


def test_the_test_pictures_are_those_of_the_training(
    model: Model, place: Path, trained: RetrainResult
) -> None:
    result = evaluated(model, place / "images")

    assert result.images == trained.testing
    assert result.evaluation.labels == LABELS
    np.testing.assert_allclose(
        result.evaluation.probabilities, trained.evaluation.probabilities, atol=1e-6
    )
    assert result.evaluation.confusion.tolist() == trained.evaluation.confusion.tolist()


def test_the_parts_are_all_there_is_and_share_nothing(model: Model, place: Path) -> None:
    parts = [evaluated(model, place / "images", split=part).images for part in PARTS]
    everything = evaluated(model, place / "images", split="all").images

    assert sorted(image for part in parts for image in part) == sorted(everything)
    assert len(everything) == 60


def test_one_bar_is_drawn_for_the_part_and_those_to_calibrate_with(
    model: Model, place: Path
) -> None:
    recorder = Recorder()
    result = evaluated(model, place / "images", recorder)
    fitted_on = result.calibration.fitted_on
    assert recorder.titles == [("Evaluating", len(result.images) + fitted_on, "images")]
    assert sum(recorder.advances) == len(result.images) + fitted_on
    assert fitted_on > 0


@pytest.mark.parametrize("split", ["validation", "all"])
def test_no_temperature_is_fitted_to_what_it_is_measured_on(
    split: str, model: Model, place: Path
) -> None:
    calibration = evaluated(model, place / "images", split=split).calibration
    assert calibration.temperature is None
    assert calibration.fitted_on == 0


def test_percentages_may_be_told(model: Model, place: Path) -> None:
    result = evaluated(model, place / "images", testing_percentage=50, validation_percentage=0)
    config = SplitConfig(testing_percentage=50, validation_percentage=0)
    names = {image.path.name for image in result.images}
    images = find_images(place / "images")
    assert names == {i.path.name for i in images if assign_split(i.path.name, config) == "testing"}
    assert result.calibration.fitted_on == 0


def test_percentages_that_leave_nothing_are_refused(model: Model, place: Path) -> None:
    with pytest.raises(UsageError, match="leave no training"):
        evaluated(model, place / "images", testing_percentage=60, validation_percentage=60)


def test_a_graph_that_kept_no_test_pictures_has_none(model: Model, place: Path) -> None:
    with pytest.raises(DataError, match="no readable picture for testing") as caught:
        evaluated(model, place / "images", testing_percentage=0)
    assert "--split all" in caught.value.hint


def test_a_folder_too_small_to_be_split_can_be_asked_about_whole(
    model: Model, tmp_path: Path
) -> None:
    (tmp_path / "red").mkdir()
    (tmp_path / "red" / "1.png").write_bytes(encoded(noisy((200, 0, 0), 1)))

    with pytest.raises(DataError, match="red: 1 readable picture") as caught:
        evaluated(model, tmp_path)

    assert "--split all" in caught.value.hint
    assert evaluated(model, tmp_path, split="all").evaluation.n == 1


def test_unreadable_pictures_are_listed_and_left_out(
    model: Model, place: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(place / "images", tmp_path / "images"))
    (folder / "red" / "broken.png").write_bytes(b"no picture")
    (folder / "blue" / "empty.jpg").write_bytes(b"")

    result = evaluated(model, folder, split="all")

    assert {one.path.name: one.reason for one in result.skipped} == {
        "broken.png": "not a picture",
        "empty.jpg": "an empty file",
    }
    assert result.evaluation.n == 60


def test_a_part_that_unreadable_pictures_leave_empty_is_filled_as_in_training(
    tmp_path: Path,
) -> None:
    paint_folders(tmp_path / "images", 8)
    before = retrain_in(tmp_path)
    for image in before.testing:
        if image.label == "red":
            image.path.write_bytes(b"no picture")
    trained = retrain_in(tmp_path)
    assert any(image.label == "red" for image in trained.testing)

    result = evaluated(open_model(label_config(tmp_path / "graph.pb")), tmp_path / "images")

    assert result.images == trained.testing
    assert len(result.skipped) >= 1


def test_a_folder_of_nothing_but_broken_files_is_no_picture(model: Model, tmp_path: Path) -> None:
    folder = paint_folders(tmp_path / "images", 1)
    for path in folder.glob("*/*.png"):
        path.write_bytes(b"no picture")
    with pytest.raises(DataError, match="no readable picture for all"):
        evaluated(model, folder, split="all")


@pytest.mark.parametrize("split", ["testing", "all"])
def test_folders_that_are_no_labels_are_named_with_the_nearest(
    split: str, model: Model, tmp_path: Path
) -> None:
    folder = paint_folders(tmp_path / "images", 3)
    (folder / "red").rename(folder / "reds")
    (folder / "blue").rename(folder / "sky")

    with pytest.raises(DataError) as caught:
        evaluated(model, folder, split=split)

    assert str(caught.value) == (
        f"{folder}: not all folders are labels of the graph: 'reds' (is it 'red'?), 'sky'."
    )
    assert caught.value.hint.startswith("Its labels: 'blue', 'green', 'red'.")


def test_a_folder_without_pictures_is_no_label_as_in_training(
    model: Model, place: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(place / "images", tmp_path / "images"))
    (folder / "notes").mkdir()
    (folder / "notes" / "todo.txt").write_text("more red ones")
    recorder = Recorder()

    result = evaluated(model, folder, recorder)

    assert [image.path.name for image in result.images] == [
        image.path.name for image in evaluated(model, place / "images").images
    ]
    assert recorder.warnings == ["notes: no label of the graph, and no picture in it; left out."]


def test_labels_without_a_folder_have_no_figures(model: Model, tmp_path: Path) -> None:
    folder = paint_folders(tmp_path / "images", 4)
    shutil.rmtree(folder / "green")

    result = evaluated(model, folder, split="all")

    assert result.evaluation.figures.support.tolist() == [4, 0, 4]
    assert np.isnan(result.evaluation.recall[1])
    assert result.evaluation.figures.macro.recall == pytest.approx(result.evaluation.accuracy)


def foreign(model: Model, labels: Sequence[str] = LABELS) -> Model:
    return replace(model, manifest=None, labels=tuple(labels))


def test_a_graph_from_elsewhere_is_split_by_path_as_the_codelab_does(
    model: Model, place: Path
) -> None:
    result = evaluated(foreign(model), place / "images")

    config = SplitConfig()
    expected = [
        image
        for image in find_images(place / "images")
        if assign_split(str(image.path), config) == "testing"
    ]
    assert list(result.images) == expected
    assert say_split(None, EvaluateConfig()) != ()
    assert say_split(None, EvaluateConfig(split="all")) == ()
    assert say_split(model.manifest, EvaluateConfig()) == ()


def test_the_codelabs_spelling_of_a_label_is_understood(model: Model, tmp_path: Path) -> None:
    folder = paint_folders(
        tmp_path / "images", 2, {"Sky-Blue": (30, 40, 220), "green": (40, 180, 50)}
    )
    result = evaluated(foreign(model, ("sky blue", "green", "red")), folder, split="all")
    assert {image.label for image in result.images} == {"sky blue", "green"}


@pytest.mark.parametrize("training", [{"testing_percentage": "ten"}, {"testing_percentage": 0.5}])
def test_a_broken_manifest_is_refused(training: dict[str, Any], model: Model) -> None:
    assert model.manifest is not None
    with pytest.raises(ModelError, match="manifest is broken"):
        make_split(replace(model.manifest, training=training), EvaluateConfig())


def test_logits_become_probabilities_and_it_is_said() -> None:
    logits = np.array([[3.0, -1.0, 0.5], [0.1, 0.2, 0.3]], np.float32)
    probabilities, notes = as_probabilities(logits)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert probabilities.argmax(axis=1).tolist() == [0, 2]
    assert notes == {LOGITS}


def test_scores_that_do_not_sum_to_one_become_shares_and_it_is_said() -> None:
    probabilities, notes = as_probabilities(np.array([[0.9, 0.9], [0.0, 0.0]], np.float32))
    assert probabilities.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert notes == {SHARES}


def test_what_is_rounded_to_8_bits_is_scaled_without_a_word() -> None:
    rounded = np.array([[250 / 256, 4 / 256], [0.5, 0.5]], np.float32)
    probabilities, notes = as_probabilities(rounded)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert not notes


def test_probabilities_stay_as_they_are(model: Model, place: Path) -> None:
    scores = evaluated(model, place / "images").evaluation.probabilities
    assert as_probabilities(scores)[0] is scores


def test_scores_that_are_no_numbers_are_an_error() -> None:
    with pytest.raises(ModelError, match="no numbers"):
        as_probabilities(np.array([[np.nan, 1.0]], np.float32))


def test_the_json_has_every_figure(model: Model, place: Path) -> None:
    result = evaluated(model, place / "images")
    evaluation = result.evaluation

    document = json.loads(to_json(result, {"graph": "graph.pb"}))

    assert document["graph"] == "graph.pb"
    assert document["pictures"] == evaluation.n
    assert document["accuracy"] == evaluation.accuracy
    assert document["accuracy_interval"] == list(evaluation.interval)
    assert document["top_5_accuracy"] == 1
    assert document["cross_entropy"] == evaluation.cross_entropy
    assert document["confusion"] == evaluation.confusion.tolist()
    assert document["macro"] == asdict(evaluation.figures.macro)
    assert document["weighted"] == asdict(evaluation.figures.weighted)
    assert document["calibration"] == asdict(result.calibration)
    assert [row["label"] for row in document["labels"]] == list(LABELS)
    assert [row["support"] for row in document["labels"]] == evaluation.figures.support.tolist()
    assert [p["path"] for p in document["predictions"]] == [str(i.path) for i in result.images]
    assert document["skipped"] == []


def test_neither_document_has_what_is_no_number(model: Model, tmp_path: Path) -> None:
    folder = paint_folders(tmp_path / "images", 2)
    shutil.rmtree(folder / "green")
    result = evaluated(model, folder, split="all")

    document = json.loads(to_json(result, {}), parse_constant=pytest.fail)
    rows = list(csv.DictReader(io.StringIO(to_csv(result.evaluation))))

    assert document["labels"][1]["recall"] is None
    assert rows[1]["recall"] == ""
    assert rows[0]["recall"] == "1.0"


def test_the_csv_has_a_line_a_label_with_its_row_of_the_confusion(
    model: Model, tmp_path: Path
) -> None:
    folder = paint_folders(tmp_path / "images", 3)
    (folder / "red" / "blue.png").write_bytes(encoded(noisy((30, 40, 220), seed=5)))
    evaluation = evaluated(model, folder, split="all").evaluation

    rows = list(csv.DictReader(io.StringIO(to_csv(evaluation))))

    assert [row["label"] for row in rows] == list(LABELS)
    assert rows[2]["support"] == "4"
    assert rows[2]["taken for blue"] == "1"
    assert rows[2]["taken for red"] == "3"
    assert float(rows[2]["recall"]) == pytest.approx(3 / 4)


def test_a_path_that_is_no_text_can_be_written_down(model: Model, tmp_path: Path) -> None:
    folder = paint_folders(tmp_path / "images", 1)
    (folder / "red" / "ro\udcffse.png").write_bytes(encoded(noisy((220, 40, 30), seed=9)))

    document = to_json(evaluated(model, folder, split="all"), {})

    assert document.isascii()
    paths = [prediction["path"] for prediction in json.loads(document)["predictions"]]
    assert str(folder / "red" / "ro\udcffse.png") in paths


def test_two_documents_need_two_places() -> None:
    with pytest.raises(UsageError, match="--json - and --csv - are one place"):
        DocumentConfig(json=Path("-"), csv=Path("-"))

from pathlib import Path

import numpy as np
import pytest

from poets.errors import ModelError
from poets.predict import Prediction, top_k
from poets.preprocess import FloatArray, Preprocess
from poets.runtimes.model import Model
from tests.support.labelling import label_images
from tests.support.pictures import COLOURS, encoded, noisy

LABELS = tuple(sorted(COLOURS))
PREPROCESS = Preprocess(4, 4, mean=0, std=255)


class Colours:
    """A model: how blue, green and red the picture is."""

    def run(self, values: FloatArray) -> FloatArray:
        shares = values.mean(axis=(0, 1))[::-1]
        scores: FloatArray = shares / shares.sum()
        return scores


class Broken:
    """A model that cannot run."""

    def run(self, values: FloatArray) -> FloatArray:
        raise ModelError(f"no kernel for {values.shape}")


MODEL = Model(LABELS, PREPROCESS, Colours)
BATCHED = Model(
    LABELS, PREPROCESS, Colours, run_batch=lambda batch: np.stack([Colours().run(v) for v in batch])
)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """90 pictures, blue, green and red in turn."""
    paths = []
    for number in range(90):
        label = LABELS[number % 3]
        paths.append(tmp_path / f"{number:02}_{label}.png")
        paths[-1].write_bytes(encoded(noisy(COLOURS[label], number)))
    return paths


def test_a_prediction_says_itself_as_the_codelab_does() -> None:
    assert str(Prediction("daisy", 0.981559)) == "daisy (score=0.98156)"


def test_the_best_come_first_and_equal_ones_in_label_order() -> None:
    scores = np.array([0.1, 0.4, 0.1, 0.4], dtype=np.float32)

    predictions = top_k(scores, "abcd", 3)

    assert [prediction.label for prediction in predictions] == ["b", "d", "a"]
    assert predictions[0].score == pytest.approx(0.4)


@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_the_graphs_fault(score: float) -> None:
    with pytest.raises(ModelError, match="scores are no numbers"):
        top_k(np.array([0.5, score], np.float32), "ab", 1)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (2, 2), (4, 4), (100, 4)])
def test_there_are_no_more_predictions_than_labels(k: int, n: int) -> None:
    assert len(top_k(np.ones(4, np.float32), "abcd", k)) == n


@pytest.mark.parametrize("model", [MODEL, BATCHED], ids=["threads", "batches"])
def test_pictures_are_labelled_in_their_order(model: Model, pictures: list[Path]) -> None:
    labeled = list(label_images(model, pictures))

    assert [one.path for one in labeled] == pictures
    assert [one.predictions[0].label for one in labeled] == list(LABELS) * 30
    assert all(one.error == "" and one.seconds >= 0 for one in labeled)


@pytest.mark.parametrize("model", [MODEL, BATCHED], ids=["threads", "batches"])
def test_a_bad_picture_stops_nothing(model: Model, pictures: list[Path], tmp_path: Path) -> None:
    for number in (0, 40, 41, 89):
        pictures[number].write_bytes(b"no picture")
    pictures.insert(50, tmp_path / "missing.png")

    labeled = list(label_images(model, pictures))

    assert [one.path for one in labeled] == pictures
    wrong = [index for index, one in enumerate(labeled) if one.error]
    assert wrong == [0, 40, 41, 50, 90]
    assert labeled[50].error == "no such file or directory"
    assert all(one.predictions == () for one in labeled if one.error)
    assert all(one.path.stem.endswith(one.predictions[0].label) for one in labeled if not one.error)


@pytest.mark.parametrize("model", [MODEL, BATCHED], ids=["threads", "batches"])
def test_bad_pictures_alone_are_no_error(model: Model, tmp_path: Path) -> None:
    missing = [tmp_path / f"{number}.png" for number in range(70)]

    assert [one.error for one in label_images(model, missing)] == ["no such file or directory"] * 70


@pytest.mark.parametrize("model", [MODEL, BATCHED], ids=["threads", "batches"])
def test_one_picture_and_none_are_fine(model: Model, pictures: list[Path]) -> None:
    assert len(list(label_images(model, pictures[:1]))) == 1
    assert list(label_images(model, [])) == []


@pytest.mark.parametrize("count", [1, 10])
def test_a_model_that_cannot_run_ends_it(pictures: list[Path], count: int) -> None:
    with pytest.raises(ModelError, match="no kernel"):
        list(label_images(Model(LABELS, PREPROCESS, Broken), pictures[:count]))


def test_labels_are_given_out_as_they_are_asked_for(pictures: list[Path]) -> None:
    labeled = label_images(MODEL, pictures, k=1)

    assert next(labeled).predictions[0].label == "blue"
    assert len(next(labeled).predictions) == 1

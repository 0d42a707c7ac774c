from pathlib import Path

import numpy as np
import pytest

from poets.config.data import SplitConfig
from poets.dataset import Features, make_dataset
from poets.errors import DataError
from poets.images import LabeledImage
from poets.split import split_images
from tests.support.features import dataset_of

IMAGES = tuple(
    LabeledImage(label, Path(label) / f"{number}.jpg")
    for label in ("roses", "daisy", "ромашка")
    for number in range(30)
)
VALUES = np.arange(len(IMAGES) * 2, dtype=np.float32).reshape(-1, 2)


def test_labels_stand_in_order_whatever_order_the_pictures_have() -> None:
    assert make_dataset(IMAGES, VALUES, SplitConfig()).labels == ("daisy", "roses", "ромашка")


def test_every_picture_is_in_the_part_its_split_says_with_its_own_row_and_label() -> None:
    dataset = make_dataset(IMAGES, VALUES, SplitConfig())
    split = dict(zip(IMAGES, split_images(IMAGES, SplitConfig()), strict=True))

    parts: dict[str, Features] = {
        "training": dataset.training,
        "validation": dataset.validation,
        "testing": dataset.testing,
    }
    assert sorted(i for part in parts.values() for i in part.images) == sorted(IMAGES)
    for name, part in parts.items():
        assert len(part) == len(part.values) == len(part.label_ids)
        for image, row, label_id in zip(part.images, part.values, part.label_ids, strict=True):
            assert split[image] == name
            assert row.tolist() == VALUES[IMAGES.index(image)].tolist()
            assert dataset.labels[label_id] == image.label


def test_a_part_that_is_not_wanted_is_empty_but_has_its_shape() -> None:
    config = SplitConfig(testing_percentage=0, validation_percentage=0)

    dataset = make_dataset(IMAGES, VALUES, config)

    assert len(dataset.training) == len(IMAGES)
    assert len(dataset.testing) == 0
    assert dataset.testing.values.shape == (0, 2)
    assert dataset.testing.label_ids.dtype == np.int64


def test_a_label_with_too_few_pictures_is_named() -> None:
    few = (*IMAGES, LabeledImage("tulips", Path("tulips/1.jpg")))

    with pytest.raises(DataError, match="tulips: 1 readable picture"):
        make_dataset(few, np.zeros((len(few), 2), np.float32), SplitConfig())


def test_each_picture_is_taken_once_with_its_first_row() -> None:
    images = tuple(LabeledImage("red", Path(f"{name}.png")) for name in "abacab")
    features = Features(np.arange(12, dtype=np.float32).reshape(6, 2), np.arange(6), images)

    once = features.once()

    assert [image.path.stem for image in once.images] == ["a", "b", "c"]
    assert once.label_ids.tolist() == [0, 1, 3]
    assert once.values.tolist() == [[0, 1], [2, 3], [6, 7]]
    assert once.once() is once


def test_the_parts_are_one_in_their_order() -> None:
    dataset = dataset_of(count=8)

    everything = dataset.everything

    assert len(everything) == sum(len(part) for part in dataset.parts.values())
    assert list(dataset.parts) == ["training", "validation", "testing"]
    np.testing.assert_array_equal(everything.values[-1], dataset.testing.values[-1])
    assert everything.images[0] == dataset.training.images[0]

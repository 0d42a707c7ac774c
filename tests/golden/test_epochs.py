"""Training by epochs: what stops it, what it leaves, and that it is the same each time."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.backbones.quiet_tensorflow import keras
from poets.dataset import label_ids_of
from poets.distort import Distortion
from poets.finetune.augment import augmentation_layer
from poets.finetune.epochs import compile_classifier, measure, train
from poets.finetune.examples import Examples, Room
from poets.finetune.pictures import Pictures, Variants
from poets.finetune.plan import Plan
from poets.finetune.score import Score
from poets.images import find_images
from poets.preprocess import Preprocess
from poets.report import Advance, EpochReport
from tests.support.pictures import COLOURS, paint_folders
from tests.support.processes import python
from tests.support.reporters import Recorder

SMALL = Preprocess(6, 6, mean=127.5, std=127.5)
PLAN = Plan(epochs=4, patience=3, learning_rate=0.01, seed=0, better=Score.is_surer)
LABELS = tuple(sorted(COLOURS))

Parts = tuple[Examples, Examples]
MakeParts = Callable[[int], Parts]


class Listener(Recorder):
    """Remembers the epochs as well."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[EpochReport] = []
        self.resumed_epochs: list[int] = []

    def network_resumed(self, epochs: int) -> None:
        self.resumed_epochs.append(epochs)

    def epoch(self, report: EpochReport) -> None:
        self.epochs.append(report)


@pytest.fixture
def make_parts(tmp_path: Path) -> Iterator[MakeParts]:
    """What makes training and validation examples of so many painted pictures a label."""
    with ExitStack() as stack:

        def make(count: int) -> Parts:
            parts = []
            for name in ("training", "validation"):
                paint_folders(tmp_path / name, count)
                images = find_images(tmp_path / name)
                pictures = Pictures(images, label_ids_of(images, LABELS), Variants(SMALL))
                parts.append(Examples(pictures, Room(tmp_path)))
                stack.callback(parts[-1].close)
            return parts[0], parts[1]

        yield make


def classifier(learning_rate: float = 0.01) -> keras.Model:
    """Build a network of one layer that begins with nothing."""
    image = keras.Input(SMALL.shape)
    flat = keras.layers.Flatten()(image)
    model = keras.Model(image, keras.layers.Dense(len(LABELS), kernel_initializer="zeros")(flat))
    compile_classifier(model, learning_rate)
    return model


def test_it_learns_and_tells_of_each_epoch(make_parts: MakeParts) -> None:
    listener, model, parts = Listener(), classifier(), make_parts(12)

    epochs, best = train(model, parts, PLAN, listener)

    assert [report.epoch for report in listener.epochs] == [1, 2, 3, 4]
    assert epochs[-1].validation.cross_entropy < epochs[0].validation.cross_entropy
    assert best == 4
    assert listener.epochs[-1].validation_accuracy == epochs[-1].validation.accuracy > 0.9
    assert listener.titles == [("Epochs", 4 * len(parts[0]), "images")]
    assert sum(listener.advances) == 4 * len(parts[0])


def test_the_best_weights_are_left(make_parts: MakeParts) -> None:
    model, parts = classifier(), make_parts(6)
    # So large a step overshoots: a later epoch is not the best.
    plan = replace(PLAN, learning_rate=2.0, epochs=8, patience=8)

    epochs, best = train(model, parts, plan, Listener())

    scores = [epoch.validation.cross_entropy for epoch in epochs]
    if best:
        assert scores[best - 1] == min(scores)
        assert measure(model, parts[1]) == epochs[best - 1].validation
    else:
        assert min(scores) >= np.log(len(LABELS))


def test_nothing_gained_ends_it_and_leaves_the_beginning(make_parts: MakeParts) -> None:
    model, parts = classifier(), make_parts(4)
    never = replace(PLAN, epochs=50, patience=3, better=lambda _, __: False)

    epochs, best = train(model, parts, never, Listener())

    assert (len(epochs), best) == (3, 0)
    assert all(not values.any() for values in model.get_weights())


def test_a_loss_that_is_no_number_ends_it_and_leaves_the_beginning(make_parts: MakeParts) -> None:
    listener, model, parts = Listener(), classifier(), make_parts(4)

    epochs, best = train(model, parts, replace(PLAN, learning_rate=1e38, epochs=9), listener)

    assert best == 0
    assert len(epochs) < 9
    assert any("diverged" in warning for warning in listener.warnings)
    assert all(not values.any() for values in model.get_weights())


def test_two_pictures_a_label_are_fewer_than_a_batch_and_enough(make_parts: MakeParts) -> None:
    epochs, _ = train(classifier(), make_parts(2), replace(PLAN, epochs=1), Listener())

    assert np.isfinite(epochs[0].training.cross_entropy)


def test_the_same_seed_ends_with_the_same_bits_and_another_does_not(make_parts: MakeParts) -> None:
    ends = []
    parts = make_parts(20)
    for seed in (0, 0, 1):
        model = classifier()
        train(model, parts, replace(PLAN, seed=seed, epochs=2), Listener())
        ends.append(b"".join(values.tobytes() for values in model.get_weights()))

    assert ends[0] == ends[1] != ends[2]


def test_a_label_with_few_pictures_counts_as_much(make_parts: MakeParts, tmp_path: Path) -> None:
    training, validation = make_parts(20)
    images = find_images(tmp_path / "training")
    few = [image for image in images if image.label == LABELS[0]][:2]
    kept = (*few, *(image for image in images if image.label != LABELS[0]))
    uneven = Pictures(kept, label_ids_of(kept, LABELS), Variants(SMALL))
    examples = Examples(uneven, Room(tmp_path))
    model = classifier()

    train(model, (examples, validation), replace(PLAN, epochs=6), Listener())
    examples.close()

    rows = np.flatnonzero(validation.pictures.label_ids == 0)
    named = model.predict(validation.batch(rows, 0), verbose=0).argmax(axis=1)
    assert (named == 0).mean() > 0.9
    assert len(training) > len(kept)


def test_a_label_with_a_larger_share_is_named_more_often(make_parts: MakeParts) -> None:
    parts, blind = make_parts(12), np.zeros((1, *SMALL.shape), np.float32)
    named = []
    for share in (0.1, 0.8):
        rest = (1 - share) / (len(LABELS) - 1)
        shares = np.array([share, *[rest] * (len(LABELS) - 1)])
        model = classifier()
        train(model, parts, replace(PLAN, epochs=2, shares=shares), Listener())
        logits = model.predict(blind, verbose=0)[0]
        named.append(np.exp(logits - logits.max())[0] / np.exp(logits - logits.max()).sum())

    assert named[0] < 1 / len(LABELS) < named[1]


def drawing_classifier() -> keras.Model:
    """Build a network in which two layers draw: one changes pictures, one leaves numbers out."""
    image = keras.Input(SMALL.shape)
    seen = augmentation_layer(Distortion(flip_left_right=True, random_shift=20), SMALL)(image)
    kept = keras.layers.Dropout(0.3, seed=1)(keras.layers.Flatten()(seen))
    model = keras.Model(image, keras.layers.Dense(len(LABELS), kernel_initializer="zeros")(kept))
    compile_classifier(model, 0.01)
    return model


class Stopper(Listener):
    """Presses Ctrl+C in the middle of an epoch."""

    def __init__(self, images: int) -> None:
        super().__init__()
        self._left = images

    @contextmanager
    def progress(self, name: str, total: int, unit: str) -> Iterator[Advance]:
        def advance(n: int) -> None:
            self._left -= n
            if self._left < 0:
                raise KeyboardInterrupt

        with super().progress(name, total, unit):
            yield advance


def bits(model: keras.Model) -> bytes:
    return b"".join(values.tobytes() for values in model.get_weights())


def test_a_stopped_training_goes_on_and_ends_as_an_unbroken_one(
    make_parts: MakeParts, tmp_path: Path
) -> None:
    parts, whole, stopped = make_parts(8), drawing_classifier(), drawing_classifier()
    plan = replace(PLAN, epochs=5, patience=5, halfway=tmp_path / "network.unfinished")
    unbroken = train(whole, parts, replace(plan, halfway=None), Listener())
    with pytest.raises(KeyboardInterrupt):
        train(stopped, parts, plan, Stopper(3 * len(parts[0])))
    listener, again = Listener(), drawing_classifier()

    ended = train(again, parts, plan, listener)

    assert listener.resumed_epochs == [3]
    assert [report.epoch for report in listener.epochs] == [4, 5]
    assert ended == unbroken
    assert bits(again) == bits(whole)


@pytest.mark.parametrize("content", ["another network's", "half of one", "of something else"])
def test_what_no_training_can_go_on_from_is_left_aside(
    content: str, make_parts: MakeParts, tmp_path: Path
) -> None:
    plan, parts = replace(PLAN, epochs=2, halfway=tmp_path / "x.unfinished"), make_parts(4)
    assert plan.halfway is not None
    train(drawing_classifier(), parts, plan, Listener())
    if content == "half of one":
        plan.halfway.write_bytes(plan.halfway.read_bytes()[:1000])
    elif content == "of something else":
        np.savez(plan.halfway.with_suffix(".npz"), info=np.array("{}"))
        plan.halfway.with_suffix(".npz").rename(plan.halfway)
    listener = Listener()

    train(classifier(), parts, plan, listener)

    assert listener.resumed_epochs == []
    assert [report.epoch for report in listener.epochs] == [1, 2]


TWO_DEVICES = """
import sys
import numpy as np
from poets.backbones.quiet_tensorflow import keras, tf
from poets.finetune.devices import strategy_for
from poets.distort import Distortion
from poets.finetune.augment import augmentation_layer
from poets.finetune.epochs import compile_classifier
(cpu,) = tf.config.list_physical_devices("CPU")
two = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, two)
strategy = strategy_for([device.name for device in tf.config.list_logical_devices("CPU")])
with strategy.scope():
    image = keras.Input((4,))
    model = keras.Model(image, keras.layers.Dense(2, kernel_initializer="zeros")(image))
    compile_classifier(model, 0.1)
values = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
labels = (values[:, 0] > 0).astype("int64")
weights = np.ones(64, "float32")
for _ in range(5):
    model.fit(values, labels, sample_weight=weights, batch_size=16, shuffle=False, verbose=0)
right = (model.predict(values, 16, verbose=0).argmax(axis=1) == labels).mean()
print(strategy.num_replicas_in_sync, right > 0.9, sep=",")
"""


def test_a_batch_is_spread_over_two_devices(tmp_path: Path) -> None:
    said = python(TWO_DEVICES, folder=tmp_path)

    assert said.returncode == 0, said.stderr
    assert said.stdout.split() == ["2,True"]

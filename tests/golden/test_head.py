"""The head in NumPy against the same in Keras: dense and softmax, gradient descent."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from poets.backbones.quiet_tensorflow import keras, tf
from poets.config.head import HeadConfig
from poets.config.train import TrainConfig
from poets.dataset import IntArray
from poets.heads.softmax import SoftmaxHead, Standardization, cross_entropy, softmax
from poets.preprocess import FloatArray
from poets.train import StepState, TrainingData, fit
from tests.support.features import LABELS, clouds, dataset_of

STEPS, BATCH, SIZE = 50, 20, 32
Batch = tuple[FloatArray, IntArray]


class Remembered:
    """Draws batches and keeps them."""

    def __init__(self) -> None:
        features = clouds(40, SIZE)
        self._values = Standardization.of(features.values).apply(features.values)
        self._label_ids = features.label_ids
        self.drawn: list[Batch] = []

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        rows = rng.integers(len(self._values), size=size)
        self.drawn.append((self._values[rows], self._label_ids[rows]))
        return self.drawn[-1]


def keras_head(
    states: list[StepState], batches: list[Batch], config: TrainConfig, settings: HeadConfig
) -> SoftmaxHead:
    """Train Keras's layers from the same weights on the same batches."""
    start = states[0].head
    penalty = keras.regularizers.L2((settings.l2 or 0) / 2)
    dense = keras.layers.Dense(len(LABELS), activation="softmax", kernel_regularizer=penalty)
    layers = [dense]
    if settings.hidden_units:
        units = settings.hidden_units
        layers = [keras.layers.Dense(units, activation="relu", kernel_regularizer=penalty), dense]
    model = keras.Sequential([keras.Input((SIZE,)), *layers])
    model.set_weights([*start.arrays[2:], *start.arrays[:2]])
    kinds = {"sgd": keras.optimizers.SGD, "adam": partial(keras.optimizers.Adam, epsilon=1e-8)}
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=settings.label_smoothing)
    model.compile(kinds[settings.optimizer](config.learning_rate), loss)
    for values, label_ids in batches:
        model.train_on_batch(values, np.eye(len(LABELS), dtype=np.float32)[label_ids])
    *hidden, weights, bias = model.get_weights()
    return SoftmaxHead.of([weights, bias, *hidden])


def trained(config: TrainConfig, settings: HeadConfig) -> tuple[list[StepState], list[Batch]]:
    """Train, and return each step with the batch that it saw."""
    remembered, states = Remembered(), list[StepState]()
    data = TrainingData.of(dataset_of(40, SIZE), remembered)
    fit(data, config, [states.append], None, settings)
    return states, remembered.drawn


def assert_near(mine: SoftmaxHead, expected: SoftmaxHead, tolerance: float) -> None:
    for values, wanted in zip(mine.arrays, expected.arrays, strict=True):
        assert np.abs(values - wanted).max() < tolerance


@pytest.mark.parametrize("learning_rate", [0.001, 0.01, 0.1])
@pytest.mark.parametrize(
    "settings",
    [
        HeadConfig(optimizer="sgd"),
        HeadConfig(optimizer="sgd", l2=0.1),
        HeadConfig(optimizer="sgd", label_smoothing=0.2),
        HeadConfig(optimizer="sgd", hidden_units=9),
        HeadConfig(optimizer="sgd", hidden_units=9, l2=0.05, label_smoothing=0.1),
    ],
)
def test_the_training_ends_where_keras_ends(learning_rate: float, settings: HeadConfig) -> None:
    config = TrainConfig(
        how_many_training_steps=STEPS, learning_rate=learning_rate, train_batch_size=BATCH
    )

    states, drawn = trained(config, settings)

    expected = keras_head(states, drawn, config, settings)
    assert len(drawn) == STEPS
    assert np.abs(expected.weights - states[0].head.weights).max() > 1e-4  # it did move
    assert_near(states[-1].updated, expected, 1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        HeadConfig(optimizer="adam"),
        HeadConfig(optimizer="adam", l2=0.1),
        HeadConfig(optimizer="adam", hidden_units=9, label_smoothing=0.1),
    ],
)
def test_adam_ends_where_keras_s_adam_ends(settings: HeadConfig) -> None:
    config = TrainConfig(how_many_training_steps=STEPS, learning_rate=0.001, train_batch_size=BATCH)

    states, drawn = trained(config, settings)

    expected = keras_head(states, drawn, config, settings)
    assert np.abs(expected.weights - states[0].head.weights).max() > 1e-2  # it did move
    # Keras adds its epsilon before the bias is taken out of the moments, the paper behind that,
    # which is seen where gradients are as small as those of a hidden layer's first steps.
    assert_near(states[-1].updated, expected, 5e-4 if settings.hidden_units else 1e-4)


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_dropout_is_training_on_what_is_left_made_larger(share: float) -> None:
    config = TrainConfig(
        how_many_training_steps=STEPS, learning_rate=0.05, train_batch_size=BATCH, seed=4
    )
    settings = HeadConfig(optimizer="sgd", dropout=share)

    states, drawn = trained(config, settings)

    rng = np.random.default_rng(np.random.SeedSequence(4).spawn(4)[3])
    seen = []
    for values, label_ids in drawn:
        kept = rng.random(values.shape, dtype=np.float32) >= np.float32(share)
        assert kept.mean() == pytest.approx(1 - share, abs=0.1)
        seen.append((keras_dropped(values, kept, share), label_ids))
    expected = keras_head(states, seen, config, settings)
    assert_near(states[-1].updated, expected, 1e-5)


def keras_dropped(values: FloatArray, kept: "np.ndarray[Any, Any]", share: float) -> FloatArray:
    """Scale what is kept as Keras's layer does, on which the mask is drawn anew each time."""
    ones = keras.layers.Dropout(share, seed=0)(np.ones_like(values), training=True).numpy()
    scaled: FloatArray = np.where(kept, values * ones.max(), np.float32(0))
    return scaled


def test_losses_and_probabilities_are_tensorflow_s() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 10, (100, 7)).astype(np.float32)
    label_ids = rng.integers(7, size=100)

    expected = tf.nn.sparse_softmax_cross_entropy_with_logits(label_ids, logits)

    assert cross_entropy(logits, label_ids) == pytest.approx(float(expected.numpy().mean()), 1e-5)
    assert np.abs(softmax(logits) - tf.nn.softmax(logits).numpy()).max() < 1e-6


def test_the_folded_head_in_tensorflow_is_the_head_on_standardised_features() -> None:
    dataset = dataset_of(40, SIZE)
    states: list[StepState] = []

    folded = fit(
        TrainingData.of(dataset), TrainConfig(how_many_training_steps=200), [states.append]
    )

    values = dataset.testing.values
    in_tensorflow = tf.nn.softmax(values @ folded.weights + folded.bias).numpy()
    standard = Standardization.of(dataset.training.values).apply(values)
    assert np.abs(in_tensorflow - states[-1].updated.probabilities(standard)).max() < 1e-5

"""The head in NumPy against the same in Keras: dense and softmax, gradient descent."""

import numpy as np
import pytest

from poets.backbones.quiet_tensorflow import keras, tf
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


def keras_head(start: SoftmaxHead, batches: list[Batch], learning_rate: float) -> SoftmaxHead:
    """Train Keras's dense layer from the same weights on the same batches."""
    dense = keras.layers.Dense(len(LABELS), activation="softmax")
    model = keras.Sequential([keras.Input((SIZE,)), dense])
    dense.set_weights([start.weights, start.bias])
    model.compile(keras.optimizers.SGD(learning_rate), keras.losses.SparseCategoricalCrossentropy())
    for values, label_ids in batches:
        model.train_on_batch(values, label_ids)
    return SoftmaxHead(*dense.get_weights())


@pytest.mark.parametrize("learning_rate", [0.001, 0.01, 0.1])
def test_the_training_ends_where_keras_ends(learning_rate: float) -> None:
    remembered = Remembered()
    config = TrainConfig(
        how_many_training_steps=STEPS, learning_rate=learning_rate, train_batch_size=BATCH
    )
    states: list[StepState] = []

    fit(TrainingData.of(dataset_of(40, SIZE), remembered), config, [states.append])

    expected = keras_head(states[0].head, remembered.drawn, learning_rate)
    assert len(remembered.drawn) == STEPS
    assert np.abs(expected.weights - states[0].head.weights).max() > 1e-3  # it did move
    assert np.abs(states[-1].updated.weights - expected.weights).max() < 1e-5
    assert np.abs(states[-1].updated.bias - expected.bias).max() < 1e-5


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

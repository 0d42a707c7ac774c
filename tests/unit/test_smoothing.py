import numpy as np
import pytest

from poets.heads.smoothing import Smoothing
from poets.heads.softmax import Hidden, SoftmaxHead
from poets.preprocess import FloatArray, Preprocess

GRAY = Preprocess(5, 7, mean=0.0, std=255.0, channels=1)
COLOUR = Preprocess(6, 4, mean=0.0, std=255.0)


def pixels(preprocess: Preprocess, count: int = 20) -> FloatArray:
    shape = (count, int(np.prod(preprocess.shape)))
    return np.random.default_rng(0).random(shape, dtype=np.float32)


def test_a_lone_pixel_is_shared_with_its_neighbours() -> None:
    nothing = Smoothing(np.zeros(35, np.float32), np.ones(35, np.float32), GRAY.shape)
    lone = np.zeros((1, 35), np.float32)
    lone[0, 2 * 7 + 3] = 16

    mixed = nothing.apply(lone).reshape(5, 7)

    assert mixed[1:4, 2:5].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert mixed.sum() == 16
    assert mixed.dtype == np.float32


def test_channels_are_not_mixed() -> None:
    nothing = Smoothing(np.zeros(72, np.float32), np.ones(72, np.float32), COLOUR.shape)
    red = np.zeros((1, *COLOUR.shape), np.float32)
    red[..., 0] = 1

    mixed = nothing.apply(red.reshape(1, -1)).reshape(COLOUR.shape)

    assert mixed[..., 0].min() > 0.5
    assert mixed[..., 1:].max() == 0


@pytest.mark.parametrize("preprocess", [GRAY, COLOUR, Preprocess(1, 1, 0.0, 255.0)])
@pytest.mark.parametrize("hidden", [False, True])
def test_a_folded_head_says_of_raw_pixels_what_the_other_says_of_smoothed_ones(
    preprocess: Preprocess,
    hidden: bool,
) -> None:
    values, rng = pixels(preprocess), np.random.default_rng(1)
    smoothing = Smoothing.of_pixels(values, preprocess)

    def draw(*shape: int) -> FloatArray:
        return np.asarray(rng.normal(size=shape), np.float32)

    size = values.shape[1]
    head = SoftmaxHead(draw(size, 3), draw(3))
    if hidden:
        head = SoftmaxHead(draw(9, 3), draw(3), Hidden(draw(size, 9), draw(9)))

    folded = head.fold(smoothing).logits(values)

    assert folded == pytest.approx(head.logits(smoothing.apply(values)), abs=1e-3)


def test_a_pixel_that_hardly_ever_varies_is_not_made_loud() -> None:
    values = np.zeros((1000, 35), np.float32)
    values[0, 0] = 1

    assert np.abs(Smoothing.of_pixels(values, GRAY).apply(values)).max() <= 2


def test_a_picture_is_mixed_the_same_among_many() -> None:
    values = pixels(COLOUR, 150)
    smoothing = Smoothing.of_pixels(values, COLOUR)

    together = smoothing.apply(values)

    assert np.array_equal(together, np.vstack([smoothing.apply(row[np.newaxis]) for row in values]))

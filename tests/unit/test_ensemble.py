"""Graphs that label together."""

import numpy as np
import pytest

from poets.errors import ModelError, UsageError
from poets.labelling.config import EnsembleConfig, ListingConfig
from poets.labelling.ensemble import fit_weights, make_ensemble, order_of
from poets.preprocess import FloatArray, Preprocess
from poets.runtimes.model import Model


class Constant:
    """A runner whose scores do not depend on the picture."""

    def run(self, values: FloatArray) -> FloatArray:
        return np.zeros(len(values), np.float32)


def model(*labels: str) -> Model:
    return Model(labels, Preprocess(8, 8, mean=127.5, std=127.5), Constant)


def test_graphs_with_other_labels_are_refused_and_the_difference_is_shown() -> None:
    with pytest.raises(ModelError) as caught:
        make_ensemble([model("rose", "tulip"), model("rose", "lily")], ["a.pb", "b.pb"])
    assert "only in a.pb: tulip" in str(caught.value)
    assert "only in b.pb: lily" in str(caught.value)


def test_of_labels_by_the_thousand_an_error_names_ten() -> None:
    many = model(*(f"n{number}" for number in range(1000)))
    with pytest.raises(ModelError) as caught:
        make_ensemble([many, model("rose")], ["a.pb", "b.pb"])
    assert "n9 and 990 more" in str(caught.value)
    assert "n10" not in str(caught.value)


def test_labels_that_differ_in_number_are_other_labels() -> None:
    with pytest.raises(ModelError, match=r"only in a\.pb: crane\nonly in b\.pb: rose"):
        make_ensemble(
            [model("crane", "crane", "rose"), model("crane", "rose", "rose")], ["a.pb", "b.pb"]
        )


def test_scores_are_put_in_order_also_where_a_label_is_there_twice() -> None:
    wanted, own = ("crane", "rose", "crane", "lily"), ("rose", "crane", "lily", "crane")
    assert list(order_of(wanted, own)) == [1, 0, 3, 2]
    assert list(order_of(wanted, wanted)) == [0, 1, 2, 3]


def test_weights_are_shares() -> None:
    models, names = [model("a", "b"), model("b", "a")], ["a.pb", "b.pb"]
    assert make_ensemble(models, names).weights == (0.5, 0.5)
    assert make_ensemble(models, names, [3, 1]).weights == (0.75, 0.25)


@pytest.mark.parametrize("weights", [[1], [1, 1, 1], [0, 0], [-1, 2], [float("nan"), 1]])
def test_weights_that_do_not_fit_are_refused(weights: list[float]) -> None:
    with pytest.raises(UsageError, match="--weights"):
        make_ensemble([model("a", "b"), model("a", "b")], ["a.pb", "b.pb"], weights)


@pytest.mark.parametrize("text", ["0.7;0.3", "a,b", "0.7,,0.3"])
def test_weights_that_are_no_numbers_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no numbers"):
        EnsembleConfig(weights=text).numbers()


def test_fitted_weights_are_the_best_there_are() -> None:
    rng = np.random.default_rng(0)
    label_ids = rng.integers(3, size=400)
    sharp = rng.dirichlet([0.5] * 3, size=400).astype(np.float32)
    right = (0.6 * np.eye(3)[label_ids] + 0.4 * sharp).astype(np.float32)
    uniform = np.full((400, 3), 1 / 3, np.float32)

    weights = fit_weights([right, sharp, uniform], label_ids)

    def loss(shares: tuple[float, ...]) -> float:
        mixed = sum(share * one for share, one in zip(shares, (right, sharp, uniform), strict=True))
        return float(-np.log(np.asarray(mixed)[np.arange(400), label_ids]).mean())

    steps = np.linspace(0, 1, 41)
    grid = [(a, b, 1 - a - b) for a in steps for b in steps if a + b <= 1]
    assert sum(weights) == pytest.approx(1)
    assert loss((weights[0], weights[1], weights[2])) <= min(map(loss, grid)) + 1e-4


def test_one_form_at_a_time_and_no_move_without_a_place() -> None:
    assert ListingConfig(csv=True).form == "csv"
    with pytest.raises(UsageError, match="choose one"):
        ListingConfig(csv=True, json=True)
    with pytest.raises(UsageError, match="say where to"):
        ListingConfig(move=True)

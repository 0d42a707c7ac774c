"""The page of results: whole, harmless, small, and the same each time."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.evaluation.scores import Evaluation
from poets.finetune.score import Epoch, Score
from poets.heads.softmax import SoftmaxHead
from poets.page.data import Curve, Run, Suspects
from poets.page.gather import Sight
from poets.page.history import epoch_curves
from poets.page.render import render
from poets.page.weights import draw_sought
from poets.preprocess import Preprocess
from tests.support.pages import (
    FLOWERS,
    PAGE,
    SIGHT,
    Page,
    evaluation_of,
    jpegs,
    report_of,
    some_mistakes,
)

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><script>alert(2)</script>",
    "\"'><img src=x onerror=alert(3)>",
    "-->]]>&amp;&lt;{0}{label}%s",
    "\u202egnp.\u0645\u0631\u062d\u0628\u0627",
    "牡丹 🌷 \ufb01",
    "tab\tand \x1b[2J and \x07",
)


def many_labels(count: int = 100) -> tuple[str, ...]:
    return tuple(f"{number} {HOSTILE[number % len(HOSTILE)]}" * 3 for number in range(count))


def everything_wrong(labels: tuple[str, ...], n: int) -> Evaluation:
    true = [row % len(labels) for row in range(n)]
    return evaluation_of(labels, true, [(t + 1) % len(labels) for t in true])


def nothing_tested() -> Evaluation:
    return evaluation_of(FLOWERS, [], [])


CASES = {
    "five labels": some_mistakes(),
    "two labels": some_mistakes(("cat", "dog"), 20),
    "no mistake": evaluation_of(FLOWERS, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
    "nothing tested": nothing_tested(),
    "everything wrong": everything_wrong(FLOWERS, 60),
    "hostile labels": some_mistakes(HOSTILE, 40),
    "a hundred labels": some_mistakes(many_labels(), 700),
    "a label without pictures": evaluation_of(FLOWERS, [0, 1], [1, 1]),
    "one picture": evaluation_of(("cat", "dog"), [0], [1]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_tags_of_every_page_fit_each_other(case: str) -> None:
    page = Page(render(report_of(CASES[case])))

    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {(a["href"] or "")[1:] for a in page.all("a") if (a["href"] or "").startswith("#")}
    assert targets <= set(ids)
    named = {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a}
    assert named <= set(ids)


@pytest.mark.parametrize("case", CASES)
def test_the_page_asks_for_nothing_from_outside(case: str) -> None:
    page = Page(render(report_of(CASES[case])))

    sources = [a.get(name) or "" for _, a in page.elements for name in ("src", "data", "poster")]
    assert all(source.startswith("data:image/") for source in sources if source)
    assert {tag for tag, _ in page.elements}.isdisjoint(
        {"link", "iframe", "object", "base", "form"}
    )
    assert "://" not in "".join(a["href"] or "" for a in page.all("a"))


def test_no_name_becomes_an_element() -> None:
    data = report_of(some_mistakes(HOSTILE, 40))
    shots = [replace(shot, name=HOSTILE[0], link="x%3Cb%3E") for shot in data.mistakes]
    hostile = replace(
        data,
        title=HOSTILE[1],
        summary=HOSTILE[2],
        mistakes=tuple(shots),
        suspects=Suspects(9, tuple(shots), HOSTILE[0]),
        run=Run(HOSTILE[1], ((HOSTILE[0], HOSTILE[2]),)),
    )

    page = Page(render(hostile))

    assert len(page.all("script")) == len(page.all("style")) == 1
    assert not any(name.startswith("on") for _, a in page.elements for name in a)
    assert not any("style" in a for _, a in page.elements)
    assert HOSTILE[0] in page.text
    assert HOSTILE[5] in page.text
    assert "\x1b" not in page.text


def test_a_name_stands_apart_from_the_direction_of_the_text() -> None:
    text = render(report_of(some_mistakes(HOSTILE, 40)))

    assert f"<bdi>{HOSTILE[4]}</bdi>" in text


def test_the_policy_lets_in_the_own_script_and_style_only() -> None:
    text = render(report_of(some_mistakes()))

    (policy,) = [
        a["content"] or ""
        for a in Page(text).all("meta")
        if a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_same_data_give_the_same_bytes() -> None:
    assert render(report_of(some_mistakes())) == render(report_of(some_mistakes()))


def test_the_figures_are_those_of_the_evaluation() -> None:
    text = " ".join(Page(render(report_of(some_mistakes()))).text.split())

    assert "83.3 %" in text
    assert "50 of 60 test pictures named right" in text
    assert "95 % interval 72.0 to 90.7 %" in text
    assert "10 mistakes" in text


def test_without_test_pictures_nothing_is_claimed() -> None:
    text = Page(render(report_of(nothing_tested()))).text

    assert "nobody knows how good it is" in text
    assert "nan" not in text
    assert "Confusion" not in text
    assert "Learning" in text


def test_without_a_mistake_that_is_said() -> None:
    assert "None: all 5 pictures were named right." in render(report_of(CASES["no mistake"]))


@pytest.mark.parametrize("n", [3_000, 30_000])
def test_a_page_of_any_number_of_mistakes_is_small(n: int) -> None:
    sight = Sight(lambda paths: [b"\xff\xd8" + bytes(6_000)] * len(paths), no_maps, PAGE)
    labels = tuple(f"label {number}" for number in range(100))
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(0, 100, (2, n)).tolist()
    evaluation = evaluation_of(labels, true, predicted)

    text = render(report_of(evaluation, sight))

    assert len(text) < 5_000_000
    shown = len(Page(text).all("img"))
    assert 300 < shown < 500
    assert re.search(r"this page shows 3\d\d of [\d,]+ pictures, mistakes first", text)


def test_of_a_thousand_labels_the_worst_are_in_the_matrix() -> None:
    labels = tuple(f"label {number}" for number in range(1000))
    text = render(report_of(everything_wrong(labels, 1200)))

    page = Page(text)
    assert "Of 1,000 labels, the 100 with the most mistakes." in page.text
    assert "The 200 lowest of 1,000 labels." in page.text
    assert len(text) < 5_000_000


def test_a_picture_that_cannot_be_read_again_leaves_a_word() -> None:
    sight = Sight(lambda paths: [b""] * len(paths), no_maps, PAGE)

    page = Page(render(report_of(some_mistakes(), sight)))

    assert page.all("img") == []
    assert "cannot be shown" in page.text


def test_heat_maps_are_of_the_predicted_and_of_the_true_label() -> None:
    page = Page(render(report_of(some_mistakes())))

    cards = len(page.all("li", "card"))
    assert (
        cards == len(page.all("img", "heat-predicted")) == len(page.all("img", "heat-true")) == 10
    )
    assert len(page.all("input")) == 3 * cards


def test_without_heat_maps_there_is_nothing_to_choose() -> None:
    page = Page(render(report_of(some_mistakes(), Sight(jpegs, no_maps, PAGE))))

    assert page.all("input") == page.all("fieldset") == []
    assert len(page.all("li", "card")) == 10


def no_maps(paths: Sequence[Path], label_ids: Sequence[int]) -> list[None]:
    return [None for _ in zip(paths, label_ids, strict=True)]


def test_each_picture_of_a_cell_is_shown_in_it() -> None:
    data = report_of(some_mistakes())
    page = Page(render(data))

    assert sum(len(cell.shots) for cell in data.cells) == 60
    assert len(page.all("details", "group")) == len(data.cells)
    assert SIGHT.page == PAGE


def test_what_labels_look_for_is_drawn_for_pixels_alone() -> None:
    labels = ("cat", "dog")
    gray = Preprocess(4, 4, mean=0, std=255, channels=1)
    weights = np.arange(32, dtype=np.float32).reshape(16, 2)
    head = SoftmaxHead(weights, np.zeros(2, np.float32))
    others = SoftmaxHead(weights[:15], np.zeros(2, np.float32))

    sought = draw_sought(head, gray, labels)
    page = Page(render(replace(report_of(some_mistakes(labels)), sought=sought)))

    assert draw_sought(others, gray, labels) == ()
    assert [one.label for one in sought] == [0, 1]
    assert "What each label looks for" in page.text
    assert {"weights of cat", "weights of dog"} <= {a["alt"] for a in page.all("img")}


def test_the_epochs_of_a_network_are_curves_too() -> None:
    epochs = [Epoch(Score(0.5, 1.5), Score(0.4, 1.6)), Epoch(Score(0.9, 0.3), Score(0.8, 0.5))]
    data = report_of(some_mistakes())

    curves = epoch_curves(epochs)
    text = Page(render(replace(data, curves=(*data.curves, *curves)))).text

    assert epoch_curves(epochs[:1]) == ()
    assert [list(curve.steps) for curve in curves] == [[1, 2], [1, 2]]
    assert "Accuracy while the network was trained" in text
    assert "At the end 90.0 % in training, 80.0 % in validation." in text
    assert "epoch" in text


def test_a_training_that_went_on_says_from_where() -> None:
    data = report_of(some_mistakes())
    curves = tuple(replace(c, steps=[s + 500 for s in c.steps]) for c in data.curves)

    assert "went on from a checkpoint at step 500." in render(replace(data, curves=curves))


@pytest.mark.parametrize("steps", [1, 2, 100_000])
def test_a_curve_of_any_length_is_drawn(steps: int) -> None:
    line = [1 / (step + 1) for step in range(steps)]
    curves = tuple(
        Curve(name, range(steps), line, [], is_share=share)
        for name, share in (("Accuracy", True), ("Cross entropy", False))
    )

    text = render(replace(report_of(some_mistakes()), curves=curves))

    assert len(Page(text).all("polyline")) == 4
    assert len(text) < 500_000
    assert "nan" not in text

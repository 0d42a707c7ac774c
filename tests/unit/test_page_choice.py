"""Which pictures the page shows, and how it comes to them."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poets.errors import ModelError
from poets.page.choice import (
    MOST_IN_CELL,
    MOST_MISTAKES,
    MOST_RIGHT,
    MOST_WRONG,
    choose_cells,
)
from poets.page.gather import Sight, gather, link_to, shown_path
from poets.page.overlay import draw_overlay
from tests.support.pages import (
    FLOWERS,
    PAGE,
    SIGHT,
    evaluation_of,
    jpegs,
    some_mistakes,
    with_pictures,
)


def test_the_worst_mistake_is_the_one_it_was_surest_of() -> None:
    evaluation = evaluation_of(FLOWERS, [0, 1, 2, 3], [0, 2, 3, 3])
    evaluation.probabilities[1] = (0.1, 0.4, 0.5, 0.0, 0.0)
    evaluation.probabilities[2] = (0.0, 0.0, 0.05, 0.95, 0.0)

    assert evaluation.mistakes.tolist() == [2, 1]


def test_there_are_only_so_many_worst_mistakes() -> None:
    evaluation = evaluation_of(FLOWERS, [0] * 50, [1] * 50)

    shown = gather(with_pictures(evaluation), SIGHT)

    assert [shot.name for shot in shown.mistakes] == [
        f"label 0/photo_{row:04}.jpg" for row in range(MOST_MISTAKES)
    ]


def test_every_cell_gets_a_picture_before_any_gets_two() -> None:
    labels = tuple(map(str, range(30)))
    pairs = [(t, p) for t in range(30) for p in range(30) if t != p] * 2
    evaluation = evaluation_of(labels, [t for t, _ in pairs], [p for _, p in pairs])

    cells = choose_cells(evaluation)

    assert len(cells) == MOST_WRONG
    assert {len(rows) for rows in cells.values()} == {1}


def test_a_cell_holds_rows_of_its_own_and_no_more_than_fit() -> None:
    evaluation = evaluation_of(FLOWERS, [0] * 90 + [1] * 200, [1] * 90 + [1] * 200)

    cells = choose_cells(evaluation)

    assert list(cells) == [(0, 1), (1, 1)]
    assert all(len(rows) == MOST_IN_CELL <= MOST_RIGHT for rows in cells.values())
    assert set(cells[0, 1]) <= set(range(90))


def test_of_what_was_named_right_the_least_sure_come_first() -> None:
    evaluation = evaluation_of(FLOWERS, [0, 0, 0], [0, 0, 0])

    assert choose_cells(evaluation) == {(0, 0): (2, 1, 0)}


def test_a_picture_keeps_its_true_label_however_low_its_score() -> None:
    shown = gather(with_pictures(evaluation_of(FLOWERS, [4], [0])), SIGHT)

    (shot,) = shown.mistakes
    assert [label for label, _ in shot.scores] == [0, 1, 2, 4]
    assert (shot.predicted, shot.true) == (0, 4)
    assert [heat.label for heat in shot.heats] == [0, 4]


def test_a_picture_is_asked_for_once() -> None:
    asked: list[Path] = []

    def remember(paths: object) -> list[bytes]:
        assert isinstance(paths, list)
        asked.extend(paths)
        return jpegs(paths)

    gather(with_pictures(some_mistakes()), Sight(remember, SIGHT.heat_maps, PAGE))

    assert len(asked) == len(set(asked)) == 60


def test_a_graph_that_cannot_be_looked_into_stops_nothing() -> None:
    def refuse(paths: object, label_ids: object) -> list[None]:
        raise ModelError(f"{paths} {label_ids}")

    shown = gather(with_pictures(some_mistakes()), Sight(jpegs, refuse, PAGE))

    assert len(shown.mistakes) == 10
    assert not any(shot.heats for shot in shown.mistakes)


@pytest.mark.parametrize(
    ("picture", "link"),
    [
        ("/data/roses/a b.jpg", "../../data/roses/a%20b.jpg"),
        ("/home/me/x?y#z%41.jpg", "x%3Fy%23z%2541.jpg"),
        ("/home/me/javascript:alert(1)", "javascript%3Aalert%281%29"),
        ('/home/me/"><script>.jpg', "%22%3E%3Cscript%3E.jpg"),
        ("/home/me/牡丹.jpg", "%E7%89%A1%E4%B8%B9.jpg"),
        (os.fsdecode(b"/home/me/\xff.jpg"), "%FF.jpg"),
    ],
)
def test_a_link_leads_from_the_page_to_the_file(picture: str, link: str) -> None:
    assert link_to(Path(picture), Path("/home/me/report.html")) == link


def test_a_picture_is_named_as_its_folder_is_known() -> None:
    assert shown_path(Path("my/flowers/roses/1.jpg"), Path("my/flowers")) == "roses/1.jpg"
    assert shown_path(Path("/elsewhere/1.jpg"), Path("my/flowers")) == "/elsewhere/1.jpg"


def test_an_overlay_is_brightest_where_the_map_is_warmest() -> None:
    heat = np.zeros((7, 7), dtype=np.float32)
    heat[0, 6] = 1

    overlay = draw_overlay(heat, jpegs([Path("x")])[0])

    with Image.open(io.BytesIO(overlay)) as image:
        assert image.mode == "RGBA"
        assert image.width / image.height == pytest.approx(128 / 96, abs=0.05)
        values = np.asarray(image.convert("RGB")).sum(axis=2)
    y, x = np.unravel_index(values.argmax(), values.shape)
    assert x > 0.8 * image.width
    assert y < 0.2 * image.height

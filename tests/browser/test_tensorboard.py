"""TensorBoard in a real browser, on the summaries of a real training."""

import io
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from poets.summaries.tags import (
    ACCURACY,
    ACTIVATIONS,
    CROSS_ENTROPY,
    PRE_ACTIVATIONS,
    TRAIN,
    VALIDATION,
    variable_tag,
)
from tests.support.commands import Trained
from tests.support.tensorboard import free_port, tabs_of, tensorboard

LAST_STEP = "3,999"
PLUGINS = {
    *("timeseries", "scalars", "images", "graphs", "distributions", "histograms"),
    *("pr_curves", "hparams", "projector"),
}
HISTOGRAMS = (
    ACTIVATIONS,
    PRE_ACTIVATIONS,
    variable_tag("weights", "histogram"),
    variable_tag("biases", "histogram"),
)


@pytest.fixture(scope="module")
def url(trained: Trained) -> Iterator[str]:
    with tensorboard(trained.folder, free_port()) as started:
        yield started.url


def is_drawn(canvas: Locator, colour: tuple[int, ...]) -> bool:
    """Look at the screen a hundred times: the lines come some frames after the numbers."""
    return any(colour in colours(canvas.screenshot()) for _ in range(100))


def colours(png: bytes) -> set[tuple[int, ...]]:
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    return {tuple(pixel) for pixel in np.unique(pixels, axis=0).tolist()}


@pytest.mark.parametrize("tag", [ACCURACY, CROSS_ENTROPY])
def test_a_chart_shows_training_and_validation_to_the_last_step(
    page: Page, url: str, tag: str
) -> None:
    page.goto(f"{url}#timeseries")
    page.get_by_role("combobox", name="Filter tags (regex)").fill(f"^{tag}$")
    # Behind the cards that the filter leaves are those of before, hidden.
    card = page.locator("scalar-card").filter(has_text=tag).filter(visible=True)
    expect(card).to_have_count(1)
    rows = card.locator("tb-data-table-content-row")
    expect(rows).to_have_count(2)
    for row, run in zip(rows.all(), (TRAIN, VALIDATION), strict=True):
        expect(row).to_contain_text(run)
        expect(row).to_contain_text(LAST_STEP)
        colour = row.locator(".row-circle span").evaluate("dot => dot.style.backgroundColor")
        numbers = tuple(map(int, re.findall(r"\d+", colour)))
        assert is_drawn(card.locator("line-chart canvas"), numbers)


def test_the_histograms_of_both_runs_are_drawn(page: Page, url: str) -> None:
    page.goto(f"{url}#histograms")
    loaders = page.locator("tf-histogram-loader")
    expect(loaders).to_have_count(2 * len(HISTOGRAMS))
    for tag in HISTOGRAMS:
        both = loaders.filter(has_text=f"tag: {tag}")
        expect(both).to_have_count(2)
        expect(both.first.locator(".histogram path[d*='L']")).not_to_have_count(0)


def test_the_graph_leads_from_the_picture_to_the_network(page: Page, url: str) -> None:
    page.goto(f"{url}#graphs")
    nodes = page.locator("tf-graph-scene g.node")
    expect(nodes).not_to_have_count(0)
    names = nodes.evaluate_all("nodes => nodes.map(node => node.getAttribute('data-name'))")
    assert "input" in names
    assert any("efficientnet_lite0" in name for name in names)


def test_a_visit_to_every_tab_asks_nobody_else_and_breaks_nothing(
    page: Page, url: str, asked: list[str], mistakes: list[str]
) -> None:
    assert tabs_of(url, PLUGINS) == PLUGINS
    page.goto(url)
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_count(len(PLUGINS))
    for tab in tabs.all():
        page.wait_for_load_state("networkidle")
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")  # else the next click is lost
    points = page.frame_locator("iframe").frame_locator("iframe")
    expect(points.get_by_text("Dimension: 64")).to_be_visible()
    assert {urlsplit(address).hostname for address in asked} == {"localhost"}
    assert mistakes == []

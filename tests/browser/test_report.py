"""The page of results in a real browser, opened from disk."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from poets.page.render import render
from tests.support.pages import FLOWERS, evaluation_of, report_of, some_mistakes

CELL = re.compile(r"^daisy taken for dandelion: 2 pictures$")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("page") / "report.html"
    place.write_text(render(report_of(some_mistakes())), "utf-8")
    return place


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of a hundred labels with long names."""
    labels = tuple(f"label {n} ünïcödé 牡丹 " + "verylongword" * 3 for n in range(100))
    place = tmp_path_factory.mktemp("page") / "report.html"
    place.write_text(render(report_of(some_mistakes(labels, 600))), "utf-8")
    return place


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser says on its console; nothing, at the end."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    yield said
    assert said == []


@pytest.fixture
def report(page: Page, file: Path, complaints: list[str]) -> Page:
    page.goto(file.as_uri())
    assert complaints == []
    return page


def shown(page: Page) -> list[str]:
    """Return the names of the pictures that the matrix opened."""
    return page.locator("#cells .group:visible .file").all_inner_texts()


def test_it_opens_from_disk_and_asks_nobody(
    report: Page, file: Path, asked: list[str], mistakes: list[str]
) -> None:
    report.wait_for_load_state("networkidle")

    assert [address for address in asked if not address.startswith("data:")] == [file.as_uri()]
    assert mistakes == []
    expect(report.get_by_role("heading", level=1)).to_contain_text("learned 5 labels")
    images = report.locator("img").evaluate_all(
        "images => images.map(image => image.complete && image.naturalWidth)"
    )
    assert len(images) > 60
    assert all(images)


def test_a_cell_opens_exactly_its_pictures(report: Page) -> None:
    report.get_by_role("link", name=CELL).click()

    assert shown(report) == ["photo_0000.jpg", "photo_0030.jpg"]
    report.get_by_role("link", name="tulips named right: 10 pictures").click()
    assert len(shown(report)) == 10
    assert "photo_0000.jpg" not in shown(report)


def test_a_picture_links_to_its_file(report: Page) -> None:
    report.get_by_role("link", name=CELL).click()

    link = report.locator("#cells .group:visible a").first
    assert link.get_attribute("href") == "../flowers/label%200/photo_0000.jpg"


def test_the_keyboard_alone_leads_everywhere(report: Page) -> None:
    report.keyboard.press("Tab")
    expect(report.get_by_role("link", name="Skip to the results")).to_be_focused()
    report.keyboard.press("Enter")
    current = report.locator(".matrix a[tabindex='0']")
    expect(current).to_have_count(1)
    for _ in range(60):
        report.keyboard.press("Tab")
        if current.evaluate("link => link === document.activeElement"):
            break
    expect(current).to_be_focused()

    report.keyboard.press("Home")
    report.keyboard.press("ArrowRight")
    focused = report.locator(":focus")
    expect(focused).to_have_attribute("aria-label", CELL)
    report.keyboard.press("Enter")
    assert shown(report) == ["photo_0000.jpg", "photo_0030.jpg"]
    expect(report.locator("#cell-said")).to_have_text(CELL)
    report.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("aria-label", "dandelion named right: 10 pictures")
    report.keyboard.press(" ")
    assert len(shown(report)) == 10
    report.keyboard.press("Escape")
    assert shown(report) == []
    expect(focused).to_have_attribute("aria-label", "dandelion named right: 10 pictures")


def test_what_has_the_focus_is_outlined(report: Page) -> None:
    report.get_by_role("link", name=CELL).click()
    report.keyboard.press("ArrowDown")

    outline = report.locator(":focus").evaluate("link => getComputedStyle(link).outlineStyle")

    assert outline == "solid"


def test_a_choice_shows_what_the_network_looked_at(report: Page) -> None:
    card = report.locator(".card").first
    predicted, true = card.locator(".heat-predicted"), card.locator(".heat-true")
    expect(predicted).to_have_css("opacity", "0")

    card.get_by_role("radio").nth(1).check()

    expect(predicted).to_have_css("opacity", "1")
    expect(true).to_have_css("opacity", "0")
    report.keyboard.press("ArrowRight")
    expect(predicted).to_have_css("opacity", "0")
    expect(true).to_have_css("opacity", "1")


def test_one_button_shows_it_of_all_pictures(report: Page) -> None:
    button = report.get_by_role("button", name="What it looked at")

    button.click()

    expect(button).to_have_attribute("aria-pressed", "true")
    for heat in report.locator(".heat-predicted").all():
        expect(heat).to_have_css("opacity", "1")
    report.get_by_role("button", name="Pictures").click()
    for heat in report.locator(".heat-predicted").all():
        expect(heat).to_have_css("opacity", "0")


def test_the_command_can_be_copied(report: Page) -> None:
    report.context.grant_permissions(["clipboard-read", "clipboard-write"])

    report.get_by_role("button", name="Copy").click()

    expect(report.locator("#copy")).to_have_text("Copied")
    assert report.evaluate("getSelection().toString()") == "retrain --image_dir 'my flowers'"


@pytest.mark.parametrize("kind", ["file", "wide"])
def test_a_phone_need_not_scroll_sideways(
    page: Page, kind: str, request: pytest.FixtureRequest, complaints: list[str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(request.getfixturevalue(kind).as_uri())

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.locator(".scroll").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    assert complaints == []


def test_on_a_phone_a_label_has_a_line_of_its_own_in_the_table(report: Page) -> None:
    report.set_viewport_size({"width": 390, "height": 844})
    row = report.get_by_role("row", name="daisy", exact=False).last
    label = row.get_by_role("rowheader").bounding_box()
    figures = row.get_by_role("cell").first.bounding_box()

    assert label is not None
    assert figures is not None
    assert label["width"] > 300
    assert figures["y"] >= label["y"] + label["height"] - 1
    expect(report.get_by_role("columnheader", name="label", exact=True)).to_have_count(1)


def test_a_large_matrix_scrolls_in_its_box(page: Page, wide: Path) -> None:
    page.goto(wide.as_uri())
    box = page.locator(".scroll")

    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == 1400


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_the_light_and_in_the_dark(
    chromium: Browser, file: Path, scheme: str
) -> None:
    context = chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(file.as_uri())

    paper = colour(page, "body", "backgroundColor")
    for selector in ("body", ".eyebrow", "h2", ".small", "nav a", ".tag", ".verdict span"):
        ink = colour(page, selector, "color")
        assert contrast(ink, paper) > 4.5, selector
    assert (luminance(paper) < 0.1) == (scheme == "dark")
    context.close()


def test_it_is_readable_without_scripts(chromium: Browser, file: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())

    expect(page.get_by_role("button")).to_have_count(0)
    page.get_by_role("radio").nth(1).check()
    expect(page.locator(".heat-predicted").first).to_have_css("opacity", "1")
    assert page.locator("#cells .grid:visible").count() == 0
    page.get_by_role("link", name=CELL).click()
    expect(page.locator("#cell-0-1")).to_be_visible()
    context.close()


def test_of_no_mistake_nothing_breaks(
    page: Page, tmp_path: Path, mistakes: list[str], complaints: list[str]
) -> None:
    place = tmp_path / "it's #1 100%.html"
    for evaluation in (evaluation_of(FLOWERS, [0, 1], [0, 1]), evaluation_of(FLOWERS, [], [])):
        place.write_text(render(report_of(evaluation)), "utf-8")
        page.goto(place.as_uri())
        expect(page.get_by_role("heading", name="Repeat it")).to_be_visible()
    assert mistakes == complaints == []


Colour = tuple[float, float, float]


def colour(page: Page, selector: str, name: str) -> Colour:
    text = page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{name}")
    red, green, blue = (float(number) for number in re.findall(r"[\d.]+", text)[:3])
    return red, green, blue


def luminance(colour: Colour) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (value / 255 for value in colour)
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)

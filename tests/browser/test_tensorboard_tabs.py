"""What is written once a training is over, in a real browser: two runs side by side."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from poets.summaries.tags import (
    CONFUSION,
    DISTORTED_PICTURES,
    MISTAKES,
    RESULTS,
    TRAINING_PICTURES,
    curve_tag,
)
from tests.support.commands import Trained, run_in
from tests.support.tensorboard import free_port, tabs_of, tensorboard

SUMMARIES = Path("tf_files", "training_summaries")
PHOTOS, LABELS = 600, ("daisy", "dandelion", "rose", "sunflower", "tulip")
FLAGS = ("--learning_rate", "0.5", "--how_many_training_steps", "50", "--flip_left_right")


@pytest.fixture(scope="module")
def folder(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The summaries of a training, and of a second one in a sub-folder with a name."""
    folder = tmp_path_factory.mktemp("two runs")
    shutil.copytree(trained.folder / "tf_files", folder / "tf_files")
    output = run_in(
        folder,
        *("retrain", "--image_dir", trained.image_dir, *FLAGS, "--distortion_variants", "1"),
        *("--summaries_dir", SUMMARIES / "mirrored"),
    )
    assert output.returncode == 0, output.stderr
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with tensorboard(folder, free_port()) as started:
        tabs = {"images", "pr_curves", "hparams", "projector"}
        assert tabs_of(started.url, tabs) == tabs
        yield started.url


def projector(page: Page) -> FrameLocator:
    return page.frame_locator("iframe").frame_locator("iframe")


@pytest.mark.parametrize(
    ("tag", "runs"),
    [
        (TRAINING_PICTURES, ["mirrored/train", "train"]),
        (DISTORTED_PICTURES, ["mirrored/train"]),
        (CONFUSION, ["mirrored/test", "test"]),
        (MISTAKES, ["mirrored/test", "test"]),
    ],
)
def test_pictures_are_loaded_for_each_run(page: Page, url: str, tag: str, runs: list[str]) -> None:
    page.goto(f"{url}#images")
    loaders = page.locator("tf-image-loader").filter(has_text=f"tag: {tag}")
    expect(loaders).to_have_count(len(runs))
    for run in runs:
        loader = loaders.filter(has=page.get_by_text(run, exact=True))
        expect(loader).to_have_count(1)
        expect(loader).to_contain_text("step 0" if run.endswith("train") else "step")
        picture = loader.locator("img")
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 200


def test_a_label_has_a_curve_for_test_and_validation_of_each_run(page: Page, url: str) -> None:
    page.goto(f"{url}#pr_curves")
    card = page.locator("tf-pr-curve-card").filter(has_text=curve_tag("daisy")).first
    for run, step in (("", 3999), ("mirrored/", 49)):
        for part in ("test", "validation"):
            expect(card).to_contain_text(f"{run}{part} is at step {step}")
    expect(card.locator("svg path[d*='L']")).not_to_have_count(0)


def test_runs_stand_side_by_side_with_their_settings_and_results(page: Page, url: str) -> None:
    page.goto(f"{url}#hparams")
    cells = page.locator("tf-hparams-table-view vaadin-grid-cell-content")
    for words in (".", "mirrored", "efficientnet_lite0", "0.50000", "4000.0", "50.000", *RESULTS):
        expect(cells.filter(has=page.get_by_text(words, exact=True)).first).to_be_visible()


def test_every_photo_is_a_point_that_can_be_searched_by_its_label(page: Page, url: str) -> None:
    page.goto(f"{url}#projector")
    points = projector(page)
    expect(points.get_by_text(f"Points: {PHOTOS}")).to_be_visible()
    expect(points.get_by_text("Dimension: 64")).to_be_visible()
    expect(points.get_by_text("2 runs found")).to_be_visible()
    search = points.locator("#search-box input")
    for label in LABELS:
        search.fill(label)
        expect(points.locator(".matches-list .label").first).to_have_text(label)
    search.fill("no such flower")
    expect(points.locator(".matches-list .label")).to_have_count(0)


def test_the_photos_themselves_are_the_points(page: Page, url: str, mistakes: list[str]) -> None:
    with page.expect_response(lambda answer: "sprite_image" in answer.url) as sprite:
        page.goto(f"{url}#projector")
    assert sprite.value.status == 200
    assert sprite.value.headers["content-type"] == "image/jpeg"
    expect(projector(page).get_by_text(f"Points: {PHOTOS}")).to_be_visible()
    assert mistakes == []

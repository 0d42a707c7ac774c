"""A real browser, without a window."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 60_000.0  # milliseconds, for a machine that is busy
_FLAGS = (
    "--no-sandbox",  # root has none
    "--use-angle=swiftshader",  # WebGL, which the projector draws with, without a graphics card
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; a test that needs it is skipped where there is none."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no chromium on the PATH")
    with sync_playwright() as playwright:
        expect.set_options(timeout=_PATIENCE)
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def asked() -> list[str]:
    """The addresses that `page` asked for."""
    return []


@pytest.fixture
def mistakes() -> list[str]:
    """The errors that scripts of `page` did not catch."""
    return []


@pytest.fixture
def page(chromium: Browser, asked: list[str], mistakes: list[str]) -> Iterator[Page]:
    """A fresh window of the browser."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda websocket: asked.append(websocket.url))
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    yield page
    context.close()

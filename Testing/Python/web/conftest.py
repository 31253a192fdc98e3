"""A browser, and apps in processes of their own: trame-slicer allows one application per process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from shared_page import SharedPage
from web_parts import CHROMIUM_OPTIONS, CORE_IJK, RunningApp, WebPage, chromium_path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("needs Chromium: sudo apt-get install -y chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def real_weights(converted_weights: Path) -> Path:
    """Trained weights of MobileSAM's architecture, converted already."""
    return converted_weights


@pytest.fixture(scope="module")
def phantom_app(trained_weights: Path) -> Iterator[RunningApp]:
    """The app as it starts by itself: with the phantom."""
    app = RunningApp("--weights", trained_weights)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def phantom_page(browser: Browser, phantom_app: RunningApp) -> Iterator[WebPage]:
    opened = WebPage.open(browser, phantom_app)
    yield opened
    opened.page.context.close()


@pytest.fixture(scope="session")
def shared_page(
    browser: Browser, trained_weights: Path, cell_scan: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedPage]:
    """The page of an app with a made-up cell and trained weights, for all files that need no other start."""
    app = RunningApp("--weights", trained_weights, "--volume", cell_scan)
    try:
        opened = WebPage.open(browser, app)
        opened.wait("engine_phase === 'ready'")
        yield SharedPage(opened, tmp_path_factory.mktemp("first") / "first.rwthsam")
        opened.page.context.close()
    finally:
        app.stop()


@pytest.fixture(scope="module")
def first_page(shared_page: SharedPage) -> WebPage:
    """The page with the cell, nothing done yet in this file."""
    return shared_page.begin_anew()


@pytest.fixture(scope="module")
def cell_page(first_page: WebPage) -> WebPage:
    """The same on a slice through the core."""
    first_page.show_slice("Axial", CORE_IJK[2])
    return first_page

"""A browser, and apps in processes of their own: trame-slicer allows one application per process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
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


@pytest.fixture(scope="module")
def cell_app(trained_weights: Path, cell_scan: Path) -> Iterator[RunningApp]:
    """The app with a made-up cell and trained weights."""
    app = RunningApp("--weights", trained_weights, "--volume", cell_scan)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def real_cell_app(real_weights: Path, volumes: Path) -> Iterator[RunningApp]:
    """The app with the real cell and weights of MobileSAM."""
    app = RunningApp("--weights", real_weights, "--volume", volumes / "liion_cell_xct_100x728x728_u8.nrrd")
    yield app
    app.stop()


@pytest.fixture(scope="module")
def cell_page(browser: Browser, cell_app: RunningApp) -> Iterator[WebPage]:
    """The cell's page, moving as most people see it."""
    opened = WebPage.open(browser, cell_app, reduced_motion="no-preference")
    opened.wait("engine_phase === 'ready'")
    opened.show_slice("Axial", CORE_IJK[2])
    yield opened
    opened.page.context.close()

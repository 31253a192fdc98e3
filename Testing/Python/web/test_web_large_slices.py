"""On a large slice the model looks at the part around the click, and at the whole where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser
from web_parts import RunningApp, WebPage

from RWTHSAMLib.volumes.read import VolumeData
from RWTHSAMLib.volumes.volume_data import upright_grid
from RWTHSAMLib.volumes.write import write_volume

AT_IJK, RADIUS = (900, 560, 1), 60
SEED = 4


@pytest.fixture(scope="module")
def page(browser: Browser, trained_weights: Path, tmp_path_factory) -> Iterator[WebPage]:
    """The page on a scan of 1600 x 1100 pixels, which is more than the model looks at with a bright disc."""
    print(f"seed {SEED}")
    j, i = np.ogrid[:1100, :1600]
    bright = (i - AT_IJK[0]) ** 2 + (j - AT_IJK[1]) ** 2 <= RADIUS**2
    noise = np.random.default_rng(SEED).normal(0, 8, (3, 1100, 1600))
    values = np.clip(np.where(bright, 190, 60) + noise, 0, 255).astype(np.uint8)
    path = tmp_path_factory.mktemp("large") / "large.nrrd"
    write_volume(VolumeData(values, upright_grid((0.01, 0.01, 0.01)), "large", True), path)
    app = RunningApp("--weights", trained_weights, "--volume", path)
    opened = WebPage.open(browser, app)
    opened.wait("engine_phase === 'ready' && has_scan")
    opened.show_slice("Axial", 1)
    yield opened
    assert opened.errors == []
    opened.page.context.close()
    app.stop()


def test_a_click_finds_the_object_in_its_part_and_the_whole_can_be_asked_for(page: WebPage) -> None:
    page.wait("has_large_slices && detail === 'auto'")
    page.click(*page.place_of("Axial", AT_IJK))
    page.wait("can_submit")
    assert page["mask_pixels"] == pytest.approx(np.pi * RADIUS**2, rel=0.2)
    first = page["mask_pixels"]
    page.screenshot("large-slice")
    page.page.get_by_role("button", name="Whole slice").click()
    page.wait(f"detail === 'whole' && can_submit && mask_pixels !== {first}")
    page.press("Control+z")
    page.wait(f"can_submit && mask_pixels === {first}")


def test_a_notice_says_what_of_a_large_scan_is_drawn_as_one(page: WebPage) -> None:
    page.open_panel("3D view")
    page.page.get_by_label("Volume: see into the classes", exact=True).click()
    page.wait("render_shown && !render_notice")
    page.page.locator(".work-drawer").get_by_role("button", name="Fast", exact=True).click()
    page.wait("render_notice.includes('2 x 2 x 2 voxels') && render_notice.includes('at most 4 million')")
    page.page.get_by_text("Down-sampled: 2 x 2 x 2 voxels").wait_for()
    page.page.get_by_label("Volume: see into the classes", exact=True).click()
    page.wait("!render_notice")

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

AT_IJK, RADIUS = (1100, 900, 1), 60
SEED = 4


@pytest.fixture(scope="module")
def page(browser: Browser, real_weights: Path, tmp_path_factory) -> Iterator[WebPage]:
    """The page on a scan of 2000 x 1800 pixels with a bright disc."""
    print(f"seed {SEED}")
    j, i = np.ogrid[:1800, :2000]
    bright = (i - AT_IJK[0]) ** 2 + (j - AT_IJK[1]) ** 2 <= RADIUS**2
    noise = np.random.default_rng(SEED).normal(0, 8, (3, 1800, 2000))
    values = np.clip(np.where(bright, 190, 60) + noise, 0, 255).astype(np.uint8)
    path = tmp_path_factory.mktemp("large") / "large.nrrd"
    write_volume(VolumeData(values, upright_grid((0.01, 0.01, 0.01)), "large", True), path)
    app = RunningApp("--weights", real_weights, "--volume", path)
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

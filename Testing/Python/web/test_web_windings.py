"""A winding of a real jelly roll is traced along a line in a real browser, and the next ones from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from web_parts import WebPage

# three places along one electrode of the slice
ON_WINDING = ((422, 262), (423, 275), (422, 288))


@pytest.fixture
def page(first_page: WebPage, volumes: Path) -> Iterator[WebPage]:
    first_page.open_scan(volumes / "battery_slice_1.tif")
    yield first_page
    assert first_page.errors == []


def test_a_winding_is_traced_and_the_line_goes_on(page: WebPage) -> None:
    page.press("l")
    page.wait("tool === 'winding'")
    places = [page.place_of("Axial", (*xy, 0)) for xy in ON_WINDING]
    page.page.mouse.move(*places[0])
    page.page.mouse.down()
    for place in places[1:]:
        page.page.mouse.move(*place, steps=6)
    page.page.mouse.up()
    page.wait("prompts.length === 1 && prompts[0].kind === 'winding' && can_submit")
    assert 8 < float(page["winding_measured"]) < 13
    first = int(page["mask_pixels"])
    page.press("o")
    page.wait("prompts.length === 2 && !status_text.startsWith('Computing')")
    page.page.get_by_role("button", name="Next inwards (I)").click()
    page.wait("prompts.length === 3 && !status_text.startsWith('Computing')")
    assert int(page["mask_pixels"]) > first
    page.screenshot("windings")
    page.press("Enter")
    page.wait("prompts.length === 0 && has_history")

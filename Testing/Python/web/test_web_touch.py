"""The page with fingers alone: no mouse, no keyboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Browser, CDPSession
from web_parts import CORE_IJK, REPOSITORY, RunningApp, WebPage

Place = tuple[float, float]
_STEPS = 6


class Fingers:
    """What fingers do on the page's screen."""

    def __init__(self, page: WebPage) -> None:
        self._page = page.page
        self._screen: CDPSession = page.page.context.new_cdp_session(page.page)

    def put(self, *places: Place) -> None:
        """Put fingers onto the screen."""
        self._tell("touchStart", places)

    def go(self, *ways: tuple[Place, Place]) -> None:
        """Move each from a place to another."""
        for step in range(1, _STEPS + 1):
            share = step / _STEPS
            places = [(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])) for a, b in ways]
            self._tell("touchMove", places)

    def lift(self) -> None:
        """Take all away."""
        self._tell("touchEnd", ())

    def drag(self, *ways: tuple[Place, Place]) -> None:
        """Put, move and lift."""
        self.put(*(start for start, _ in ways))
        self.go(*ways)
        self.lift()

    def tap(self, place: Place) -> None:
        """Touch shortly."""
        self.put(place)
        self.lift()

    def _tell(self, kind: str, places: Sequence[Place]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self._screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.fixture(scope="module")
def the_page(browser: Browser, trained_weights, cell_scan) -> Iterator[WebPage]:
    app = RunningApp("--weights", trained_weights, "--volume", cell_scan)
    opened = WebPage.open(browser, app, has_touch=True, viewport={"width": 1366, "height": 768})
    opened.wait("engine_phase === 'ready'")
    opened.show_slice("Axial", CORE_IJK[2])
    yield opened
    opened.page.context.close()
    app.stop()


@pytest.fixture
def page(the_page: WebPage) -> Iterator[WebPage]:
    the_page.clear()
    yield the_page
    assert the_page.errors == []


@pytest.fixture
def fingers(page: WebPage) -> Fingers:
    return Fingers(page)


def press(page: WebPage, name: str) -> None:
    page.page.get_by_role("button", name=name, exact=True).first.tap()


def middle(page: WebPage, view: str = "Axial") -> Place:
    box = page.box(view)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_taps_segment_take_away_and_submit(page: WebPage, fingers: Fingers) -> None:
    x, y = middle(page)
    fingers.tap((x, y))
    page.wait("prompts.length === 1 && prompts[0].kind === 'positive' && can_submit && probe.startsWith('Axial')")
    press(page, "Take away")
    page.wait("takes_away")
    fingers.tap((x + 200, y))
    page.wait("prompts.length === 2 && prompts[1].kind === 'negative'")
    page.wait("can_submit")
    page.page.locator(".work-foot").get_by_role("button", name="Submit").tap()
    page.wait("has_history && !prompted_slices && !takes_away")


def test_a_finger_draws_a_scribble_and_a_box(page: WebPage, fingers: Fingers) -> None:
    x, y = middle(page)
    fingers.drag(((x - 40, y), (x + 40, y + 20)))
    page.wait("prompts.length === 1 && prompts[0].text.startsWith('a line of')")
    press(page, "Box")
    page.wait("tool === 'box'")
    fingers.drag(((x - 90, y - 90), (x + 90, y + 90)))
    page.wait("prompts.some(each => each.kind === 'box')")
    press(page, "Point")
    page.wait("tool === 'point'")


def test_a_finger_on_the_slider_goes_through_the_slices(page: WebPage, fingers: Fingers) -> None:
    thumb = page.page.locator("[aria-label='Axial slice'] [role=slider], [aria-label='Axial slice'][role=slider]").first
    box, before = thumb.bounding_box(), page["slice_Axial"]["index"]
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers.drag((place, (place[0] - 120, place[1])))
    page.wait(f"slice_Axial.index < {before}")
    page.show_slice("Axial", before)


def test_two_fingers_zoom_and_move_and_set_no_prompt(page: WebPage, fingers: Fingers) -> None:
    x, y = middle(page)
    width_px = "scale_Axial.px / parseFloat(scale_Axial.text)"
    before = page.page.evaluate(f"() => {{ with (trame.state.state) {{ return {width_px} }} }}")
    fingers.drag(((x - 40, y), (x - 90, y)), ((x + 40, y), (x + 90, y)))
    page.wait(f"{width_px} > 1.3 * {before}")
    at = page.probe(x, y)
    fingers.drag(((x - 40, y), (x - 40, y + 60)), ((x + 40, y), (x + 40, y + 60)))
    page.until(lambda: page.probe(x, y) != at)
    assert page["prompts"] == []
    page.page.get_by_role("button", name="Fit to the view").nth(0).tap()
    page.wait(f"{width_px} < 1.1 * {before}")


def test_a_finger_that_rests_takes_the_other_views_along(page: WebPage, fingers: Fingers) -> None:
    (x, y), before = middle(page), page["slice_Sagittal"]["index"]
    fingers.put((x, y))
    page.page.wait_for_function("window.rwthsamTouch.way() === 'cross'")
    fingers.go(((x, y), (x - 80, y)))
    page.wait(f"slice_Sagittal.index !== {before}")
    fingers.lift()
    assert page["prompts"] == []


@pytest.fixture
def found(page: WebPage) -> Iterator[WebPage]:
    """The page with the objects of its slice in the table."""
    press(page, "Automatic")
    page.wait("mode === 'automatic'")
    page.toggle_panel("SAM settings")
    for name, value in (
        ("points per side", "8"),
        ("pred iou thresh", "0"),
        ("stability score thresh", "0"),
        ("box nms thresh", "1"),
    ):
        page.page.get_by_label(name, exact=True).fill(value)
        page.wait(f"auto_valid && auto_fields.some(each => each.label === '{name}' && each.value === '{value}')")
    press(page, "Find objects")
    page.wait("!run_running && detected_count")
    page.screenshot("touch-found")
    yield page
    press(page, "Click")
    page.wait("mode === 'click'")


def test_taps_choose_several_objects_and_a_range(found: WebPage) -> None:
    rows = found.page.locator(".detected-table tbody tr")
    for choice, number, selected in (("One", 0, "0"), ("Range", 2, "0,1,2"), ("More", 1, "0,2"), ("One", 3, "3")):
        press(found, choice)
        rows.nth(number).tap()
        found.wait(f"String(detected_rows.flatMap((each, at) => each.selected ? [at] : [])) === '{selected}'")


def test_the_choice_for_fingers_is_not_there_where_a_mouse_is(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        f"<style>{(REPOSITORY / 'RWTHSAMWeb/static/rwthsam.css').read_text('utf-8')}</style><p class=for-fingers>"
    )
    assert page.locator("p").evaluate("each => getComputedStyle(each).display") == "none"
    page.close()

"""What is typed stands while the server lags: an answer to an earlier text does not overwrite what was typed since."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect
from web_parts import WebPage

HEAR_ON_DEMAND = """
(() => {
  const unheard = [];
  window.isDeaf = false;
  window.hear = () => { window.isDeaf = false; unheard.splice(0).forEach(each => each()); };
  window.WebSocket = class extends WebSocket {
    #hear = null;
    get onmessage() { return this.#hear; }
    set onmessage(hear) {
      this.#hear = hear;
      super.onmessage = event => window.isDeaf ? unheard.push(() => hear(event)) : hear(event);
    }
  };
})();
"""
"""As long as it is deaf, a page hears nothing of its server; then all of it in its order."""
DEAF_BEHIND_ANSWERS = """
(() => {
  const { Trame } = trame.client.getRemote();
  const { trigger } = Trame;
  let asked = 0, holdsBack = true;
  Trame.trigger = async (...given) => {
    asked += 1;
    try { return await trigger(...given); } finally { window.isDeaf = --asked === 0 && holdsBack; }
  };
  window.hearOn = () => { Trame.trigger = trigger; holdsBack = false; hear(); };
})();
"""
"""When all that a page has asked is answered, it turns deaf: what the server shows only at its next tick is late."""
AS_DRAWN = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


@pytest.fixture(scope="module")
def late_page(first_page: WebPage) -> Iterator[WebPage]:
    """A second page of the same browser and app, that hears its server when it is told to."""
    opened = WebPage(first_page.page.context.new_page(), first_page.app)
    opened.page.add_init_script(HEAR_ON_DEMAND)
    opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.page.goto(first_page.page.url)
    opened.wait_for_scan()
    yield opened
    assert opened.errors == []
    opened.page.evaluate("trame.state.update({ class_new_name: '', profile_path: '' })")
    first_page.wait("!class_new_name && !profile_path")
    opened.page.close()


def type_while_late(field: Locator, late: WebPage, other: WebPage, first: str, heard: str, rest: str) -> None:
    """Type two texts before the answer to the first of them is heard, and a third one before that to the second.

    Parameters
    ----------
    field : Locator
        In the late page.
    late, other : WebPage
    first, rest : str
        A text, and what is typed behind it: a character before, and the others after the answer to the first is heard.
    heard : str
        Holds in the other page when the server has heard the first text.
    """
    late.page.evaluate("isDeaf = true")
    field.fill(first)
    other.wait(heard)
    with late.app.standing_still():
        field.press_sequentially(rest[0])
        late.page.evaluate("hear()")
        late.page.evaluate(AS_DRAWN)
        field.press_sequentially(rest[1:])


@pytest.fixture
def page(late_page: WebPage) -> Iterator[WebPage]:
    yield late_page
    late_page.page.evaluate("hear(); document.activeElement.blur()")


def test_a_checked_field_keeps_what_was_typed_since_the_server_answered(page: WebPage, first_page: WebPage) -> None:
    page.open_panel("Segment")
    page.open_panel("Through the volume")
    field = page.page.get_by_label("Last slice", exact=True)
    type_while_late(field, page, first_page, "1", "prop_values.last.value === '1'", "234")
    first_page.wait("prop_values.last.value === '1234'")
    expect(field).to_have_value("1234")


def test_what_is_refused_gives_way_though_it_was_typed_while_the_server_lagged(
    page: WebPage, first_page: WebPage
) -> None:
    page.open_panel("Segment")
    page.open_panel("Through the volume")
    field = page.page.get_by_label("First slice", exact=True)
    type_while_late(field, page, first_page, "1", "prop_values.first.value === '1'", "2x")
    first_page.wait("prop_values.first.value === '12x'")
    expect(field).to_have_value("12x")
    field.press("Tab")
    expect(field).to_have_value("")
    assert page["notice"] == "First slice: expected a whole number or nothing, got '12x'. It is empty again."


def test_a_number_stands_that_is_typed_while_the_answer_to_the_one_before_is_outstanding(
    page: WebPage, first_page: WebPage
) -> None:
    field = page.named("Number of the sagittal slice")
    page.page.evaluate("isDeaf = true")
    field.fill("20")
    field.press("Enter")
    first_page.wait("slice_Sagittal.index === 20")
    field.fill("3")
    page.page.evaluate("hear()")
    page.wait("slice_Sagittal.index === 20")
    page.page.evaluate(AS_DRAWN)
    field.press_sequentially("1")
    field.press("Enter")
    first_page.wait("slice_Sagittal.index === 31")
    expect(field).to_have_value("31")


def test_a_number_that_is_refused_or_not_told_gives_way(page: WebPage, first_page: WebPage) -> None:
    field = page.named("Number of the sagittal slice")
    before = str(first_page["slice_Sagittal"]["index"])
    field.fill("9999")
    field.press("Enter")
    page.wait("!!notice")
    expect(field).to_have_value(before)


SLIDERS = [
    ("Profile", "Opacity of the class", "-class_looks[class_id].opacity / 0.05"),
    ("Profile", "Fill of all masks", "-mask_fill / 0.05"),
    ("Scan", "Window", "-window[0] / grey_step"),
]
"""Panel, name and, in steps to the left, the value."""


def focus_slider(page: WebPage, name: str) -> None:
    page.page.locator(f"[aria-label='{name}'] [role=slider], [aria-label='{name}'][role=slider]").first.focus()


def value_of(page: WebPage, value: str) -> float:
    return page.page.evaluate(f"() => {{ with (trame.state.state) return {value} }}")


def step_back(page: WebPage, value: str, before: float) -> None:
    for _ in range(2):
        page.press("ArrowRight")
    page.wait(f"Math.abs({value} - ({before})) < 0.01")


def test_two_steps_of_a_slider_are_two_though_the_first_is_not_answered_yet(page: WebPage, first_page: WebPage) -> None:
    before = first_page["slice_Coronal"]["index"]
    focus_slider(page, "Coronal slice")
    page.page.evaluate("isDeaf = true")
    page.press("ArrowRight")
    first_page.wait(f"slice_Coronal.index === {before + 1}")
    page.press("ArrowRight")
    first_page.wait(f"slice_Coronal.index === {before + 2}")
    page.page.evaluate("hear()")
    page.wait(f"slice_Coronal.index === {before + 2}")


@pytest.mark.parametrize(("panel", "name", "value"), SLIDERS)
def test_steps_of_other_sliders_are_not_lost_either(page: WebPage, first_page: WebPage, panel, name, value) -> None:
    page.open_panel(panel)
    before = value_of(page, value)
    focus_slider(page, name)
    page.page.evaluate("isDeaf = true")
    for steps in (1, 2):
        page.press("ArrowLeft")
        first_page.wait(f"Math.abs({value} - ({before}) - {steps}) < 0.01")
    page.page.evaluate("hear()")
    page.wait(f"Math.abs({value} - ({before}) - 2) < 0.01")
    step_back(page, value, before)


@pytest.mark.parametrize(("panel", "name", "value"), [*SLIDERS, (None, "Coronal slice", "-slice_Coronal.index")])
def test_a_step_of_a_slider_begins_where_the_answered_one_has_ended(
    page: WebPage, first_page: WebPage, panel, name, value
) -> None:
    if panel:
        page.open_panel(panel)
    before = value_of(page, value)
    focus_slider(page, name)
    page.page.evaluate(DEAF_BEHIND_ANSWERS)
    page.press("ArrowLeft")
    page.page.wait_for_function("isDeaf")
    page.page.evaluate(AS_DRAWN)
    page.press("ArrowLeft")
    first_page.wait(f"Math.abs({value} - ({before}) - 2) < 0.01")
    page.page.evaluate("hearOn()")
    page.wait(f"Math.abs({value} - ({before}) - 2) < 0.01")
    step_back(page, value, before)


def test_what_is_typed_after_enter_is_not_emptied_by_what_enter_brought(page: WebPage, first_page: WebPage) -> None:
    page.open_panel("Profile")
    field = page.page.get_by_label("New class", exact=True)
    page.page.evaluate("isDeaf = true")
    field.fill("Late one")
    field.press("Enter")
    first_page.wait("classes.at(-1).name === 'Late one' && class_new_name === ''")
    with page.app.standing_still():
        field.fill("Late")
        page.page.evaluate("hear()")
        page.page.evaluate(AS_DRAWN)
        field.press_sequentially(" two")
    first_page.wait("class_new_name === 'Late two'")
    expect(field).to_have_value("Late two")


def test_two_pages_of_an_app_hear_each_other(page: WebPage, first_page: WebPage) -> None:
    for here, there, text in ((page, first_page, "/a"), (first_page, page, "/b"), (page, first_page, "/c")):
        here.open_panel("Profile")
        here.page.get_by_label("Full path of a profile", exact=True).fill(text)
        there.wait(f"profile_path === '{text}'")
        assert here["profile_path"] == text

"""Everything on the page can be seen, reached and named: in light and dark, in a small window, whatever is unfolded."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Error
from web_parts import CORE_IJK, IS_LOADED, RunningApp, WebPage

SMALL_WINDOW = {"width": 1366, "height": 768}
THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
PANELS = ["project", "scan", "model", "profile", "prompts", "native", "result", "view3d"]
TALL_WINDOW = {"width": 1366, "height": 2600}
"""What is scrolled out of sight cannot be judged."""
TOO_PALE = """async () => {
    const taken = [...document.querySelectorAll('[disabled], [aria-disabled]')].map((each) => {
        const all = [...each.attributes].map(({ name, value }) => [name, value]);
        const kept = all.filter(([name]) => /disabled$/.test(name));
        kept.forEach(([name]) => each.removeAttribute(name));
        return [each, kept];
    });
    const atLeast = { normal: { expected: 3 }, large: { expected: 3 } };
    axe.configure({ checks: [{ id: 'color-contrast', options: { contrastRatio: atLeast } }] });
    const { violations } = await axe.run({ runOnly: ['color-contrast'] });
    axe.reset();
    taken.forEach(([each, kept]) => kept.forEach(([name, value]) => each.setAttribute(name, value)));
    return [taken.length, violations.flatMap(({ nodes }) => nodes.map(({ html }) => html))];
}"""
"""Axe passes over what is disabled, so it is shown as it is without being called disabled; it needs 3 : 1."""


FOCUSED = """() => {
    const each = document.activeElement;
    if (!each || each === document.body) return null;
    const title = each.matches('.v-expansion-panel-title') && each.querySelector('.font-weight-medium').innerText;
    const label = each.labels && each.labels.length && each.labels[0].innerText;
    const own = title || each.ariaLabel || label || each.alt || each.innerText;
    const name = String(own || each.closest('[aria-label]')?.ariaLabel);
    const framed = (at) => getComputedStyle(at).outlineStyle !== 'none' && getComputedStyle(at).outlineWidth !== '0px';
    const seen = framed(each) || Boolean(each.closest('.v-field--focused'))
        || [each.parentElement, each.closest('.v-selection-control')].some((at) => at && framed(at));
    return { name: name.replace(/\\s+/g, ' ').trim(), seen, html: each.outerHTML.slice(0, 160) };
}"""
"""What has the keyboard: its name, and whether that is seen."""
ORDER_OF_THE_WORK = [
    *("Undo", "One large view", "Look of the page", "Help", "Project", "Scan", "Model", "Profile"),
    *("Can", "Core", "Opacity of the class", "Move class up", "New class", "Segment", "Click", "Point"),
    *("positive", "Delete prompt", "Through the volume", "Propagate", "Edit by hand", "Result", "3D view"),
    *("Submit", "Delete all", "Other classes", "Tilt Axial view", "Axial slice"),
]
"""What Tab comes by, one after the other, with other controls between them."""
COVERED_BY_MESSAGE = """() => {
    const place = (each) => each.getBoundingClientRect();
    const message = place(document.querySelector('.notice .v-snackbar__wrapper'));
    const overlap = (box) => box.left < message.right && message.left < box.right && box.top < message.bottom
        && message.top < box.bottom;
    return [...document.querySelectorAll('.v-application :is(button, a, input, [role=slider], [role=combobox])')]
        .filter((each) => each.checkVisibility() && overlap(place(each))).map((each) => each.outerHTML.slice(0, 160));
}"""

IS_IN_SIGHT = """(title) => {
    const each = title.parentElement.getBoundingClientRect();
    const room = title.closest('.v-navigation-drawer__content').getBoundingClientRect();
    const isWhole = each.top >= room.top - 1 && each.bottom <= room.bottom + 1;
    return isWhole || Math.abs(each.top - room.top) <= 1;
}"""
"""A panel is seen whole, or from its title on where it is longer than the drawer."""
IS_ON_TOP = """(each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return each.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
}"""
NOTE_SOCKETS = """
    window.sockets = [];
    window.WebSocket = class extends WebSocket { constructor(...given) { super(...given); sockets.push(this); } };
"""
NOTE_WAITING = """
    window.hasWaited = false;
    new MutationObserver(() => (window.hasWaited ||= Boolean(document.querySelector('.view-wait'))))
        .observe(document.body, { subtree: true, childList: true });
"""


@pytest.fixture(scope="module")
def turned_cell_app(
    trained_weights: Path, cell_scan: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApp]:
    """The app with a cell that lay askew in the scanner, as its directions say."""
    scan, place = sitk.ReadImage(str(cell_scan)), tmp_path_factory.mktemp("turned") / "cell.nrrd"
    turn = sitk.VersorTransform((0.3, -0.2, 0.9), 0.3)
    scan.SetDirection(turn.GetMatrix())
    sitk.WriteImage(scan, str(place))
    app = RunningApp("--weights", trained_weights, "--volume", place)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def page(browser: Browser, turned_cell_app: RunningApp) -> Iterator[WebPage]:
    """The cell's page in the smallest window that it is made for."""
    opened = WebPage.open(browser, turned_cell_app, viewport=SMALL_WINDOW)
    opened.wait("engine_phase === 'ready'")
    opened.show_slice("Axial", CORE_IJK[2])
    yield opened
    assert opened.errors == []
    opened.page.context.close()


@pytest.fixture(params=["light", "dark"])
def themed(page: WebPage, request: pytest.FixtureRequest) -> WebPage:
    """The page without prompts, folded as it opens, in light or dark."""
    page.clear()
    if page["theme"] != request.param:
        choose_theme(page, request.param)
    unfold(page, ["profile", "prompts"])
    return page


def choose_theme(page: WebPage, theme: str) -> None:
    page.named("Look of the page").click()
    page.page.locator(".v-menu .v-list-item", has_text=THEMES[theme]).click()
    page.wait(f"theme === '{theme}'")
    page.press("Escape")
    page.until(lambda: not page.page.locator(".v-menu.v-overlay--active").count())
    page.rest()


def unfold(page: WebPage, panels: list[str]) -> None:
    page.page.evaluate("panels => trame.state.update({ panels, click_open: [] })", panels)
    page.until(lambda: page.page.locator(".work-drawer .v-expansion-panel--active").count() == len(panels))
    page.rest()


def violations(page: WebPage) -> list[str]:
    page.page.mouse.move(600, 755)  # where nothing is explained
    page.rest()
    found = Axe().run(page.page, context={"exclude": [[".v-tooltip"]]}).response["violations"]
    return [f"{rule['id']}: {each['html'][:200]}" for rule in found for each in rule["nodes"]]


def click_on_core(page: WebPage) -> None:
    page.click(*page.place_of("Axial", CORE_IJK))
    page.wait("can_submit")


def test_nothing_is_hard_to_read_or_without_a_name(themed: WebPage) -> None:
    click_on_core(themed)
    assert violations(themed) == []
    unfold(themed, PANELS)
    themed.page.set_viewport_size(TALL_WINDOW)
    try:
        assert violations(themed) == []
        themed.screenshot(f"everything-unfolded-{themed['theme']}")
    finally:
        themed.page.set_viewport_size(SMALL_WINDOW)


def test_the_automatic_mode_and_3d_can_be_read(themed: WebPage) -> None:
    themed.page.get_by_role("button", name="Automatic").click()
    themed.wait("mode === 'automatic'")
    themed.named("3D view only").click()
    themed.wait("layout === 'volume'")
    try:
        assert violations(themed) == []
    finally:
        themed.page.get_by_role("button", name="Click", exact=True).click()
        themed.named("One large view").click()
        themed.wait("mode === 'click' && layout === 'primary' && slice_Axial.axis")


@pytest.mark.parametrize(("state", "value"), [("help_open", True), ("default_open", True), ("opening", "phantom")])
def test_dialogs_can_be_read(themed: WebPage, state: str, value: object) -> None:
    opened = themed.page.locator(".v-dialog.v-overlay--active")
    themed.page.evaluate("([name, value]) => trame.state.set(name, value)", [state, value])
    themed.until(opened.count)
    try:
        assert violations(themed) == []
    finally:
        closed = "" if isinstance(value, str) else False
        themed.page.evaluate("([name, value]) => trame.state.set(name, value)", [state, closed])
        themed.until(lambda: not opened.count())


def test_what_is_disabled_stays_legible(themed: WebPage) -> None:
    unfold(themed, PANELS)
    violations(themed)  # loads axe
    count, pale = themed.page.evaluate(TOO_PALE)
    assert count > 5
    assert pale == []


def test_the_system_chooses_light_or_dark_until_a_person_does(page: WebPage) -> None:
    choose_theme(page, "system")
    for scheme in ("light", "dark"):
        page.page.emulate_media(color_scheme=scheme)
        page.until(lambda scheme=scheme: page.page.locator(f".v-application.v-theme--{scheme}").count())
    choose_theme(page, "light")
    page.until(lambda: page.page.locator(".v-application.v-theme--light").count())
    page.load_anew()
    page.until(lambda: page.page.locator(".v-application.v-theme--light").count())


@pytest.mark.parametrize("unfolded", [[], PANELS], ids=["folded", "unfolded"])
def test_submit_undo_and_candidates_stay_in_sight(page: WebPage, unfolded: list[str]) -> None:
    page.clear()
    unfold(page, unfolded)
    click_on_core(page)
    page.wait("candidates.length > 1")
    foot = page.page.locator(".work-foot")
    for name in ("Submit", "Undo", "Delete all"):
        box = foot.get_by_role("button", name=name).bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= SMALL_WINDOW["height"], name
    assert foot.get_by_text("Which one was meant?").is_visible()


def test_what_was_just_used_stays_where_it_is(page: WebPage) -> None:
    page.clear()
    unfold(page, ["profile", "prompts", "result"])
    page.click(*page.place_of("Axial", CORE_IJK))
    page.wait("can_submit")
    foot, drawer = page.page.locator(".work-foot"), page.page.locator(".work-drawer")
    for place, name, then in (
        (foot, "Submit", "!can_submit && has_history"),
        (foot, "Undo", "can_submit"),
        (drawer, "Automatic", "mode === 'automatic'"),
        (drawer, "Click", "mode === 'click'"),
        (foot, "Through the volume", "click_open.length"),
        (foot, "Delete all", "!prompted_slices"),
    ):
        button = place.get_by_role("button", name=name, exact=True).first
        button.scroll_into_view_if_needed()
        page.rest()
        before = button.bounding_box()
        button.click()
        page.wait(then)
        page.rest()
        assert button.bounding_box() == before, name


def test_loading_the_page_asks_for_nothing_that_is_refused(page: WebPage) -> None:
    refused: list[str] = []
    page.page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.load_anew()
    page.wait("engine_phase === 'ready'")
    assert refused == []


@pytest.fixture
def refused(page: WebPage) -> WebPage:
    """The page after a value was typed that cannot be."""
    page.clear()
    unfold(page, ["scan"])
    page.wait("window[0] < window[1]")
    type_into(page, "Black below", "1e9")
    page.wait("notice.includes('must lie below white')")
    page.rest()
    return page


def type_into(page: WebPage, label: str, text: str) -> None:
    page.page.get_by_label(label).fill(text)
    page.press("Enter")


def test_a_refused_value_gives_way_to_the_last_good_one(refused: WebPage) -> None:
    good = str(round(refused["window"][0], 3)).removesuffix(".0")
    refused.until(lambda: refused.page.get_by_label("Black below").input_value() == good)
    type_into(refused, "along i", "-1")
    refused.until(lambda: float(refused.page.get_by_label("along i").input_value()) > 0)
    refused.wait("notice.startsWith('Voxel size along i: ')")


def test_the_next_field_keeps_the_keyboard_where_a_value_is_refused(refused: WebPage) -> None:
    good, number = refused.page.get_by_label("along i").input_value(), refused["notice_number"]
    refused.page.get_by_label("along i").fill("-1")
    refused.press("Tab")
    refused.page.keyboard.type("7")
    refused.wait(f"notice_number > {number}")
    refused.until(lambda: refused.page.get_by_label("along i").input_value() == good)
    assert refused.page.evaluate("document.activeElement.value") == "7"
    refused.press("Escape")
    refused.press("Control+z")


def test_a_message_goes_when_its_cause_does_and_stays_in_the_list(refused: WebPage) -> None:
    said = refused["notice"]
    type_into(refused, "along i", str(refused["voxel_mm"][0]))  # something else that succeeds
    low, high = refused["grey_range"]
    assert refused["notice"] == said
    type_into(refused, "Black below", str(low + 0.1 * (high - low)))
    refused.wait("!notice")
    assert said in [each["text"] for each in refused["messages"]]


@pytest.mark.parametrize(
    ("name", "layout"), [("One large view", "primary"), ("Four equal views", "four"), ("3D view only", "volume")]
)
def test_a_message_covers_no_control(refused: WebPage, name: str, layout: str) -> None:
    refused.named(name).click()
    refused.wait(f"layout === '{layout}'")
    refused.rest()
    covered = refused.page.evaluate(COVERED_BY_MESSAGE)
    refused.screenshot(f"message-{refused['layout']}")
    refused.named("One large view").click()
    refused.wait("layout === 'primary'")
    assert covered == []


def test_tab_goes_through_the_page_in_the_order_of_the_work(page: WebPage) -> None:
    page.clear()
    unfold(page, ["profile", "prompts"])
    page.press("4")
    click_on_core(page)
    page.open_panel("Through the volume")
    page.page.evaluate("document.activeElement.blur(); document.querySelector('.top-bar').scrollIntoView()")
    page.page.mouse.click(640, 22)  # nothing is there: Tab begins at the bar
    stops = walk(page)
    page.toggle_panel("Through the volume")
    names = [each["name"] for each in stops]
    assert [each for each in stops if not each["seen"]] == []
    at = 0
    for wanted in ORDER_OF_THE_WORK:
        later = [number for number in range(at, len(names)) if names[number].startswith(wanted)]
        assert later, f"After {names[:at]} Tab does not come to '{wanted}', but to {names[at:]}."
        at = later[0] + 1


def walk(page: WebPage) -> list[dict[str, object]]:
    """All that Tab comes by until it leaves the page."""
    stops: list[dict[str, object]] = []
    while len(stops) < 300:
        page.press("Tab")
        found = page.page.evaluate(FOCUSED)
        if found is None:
            return stops
        stops.append(found)
    raise AssertionError(f"Tab does not come to an end: {stops[-20:]}")


def test_classes_and_prompts_are_chosen_by_the_keyboard_alone(page: WebPage) -> None:
    page.clear()
    unfold(page, ["profile", "prompts"])
    page.press("1")
    click_on_core(page)
    page.page.locator(".class-row .row-choice").nth(1).focus()
    page.press("Tab")  # by which the page knows that the keyboard is used
    page.press("Shift+Tab")
    page.press("Enter")
    page.wait("class_id === classes[1].id")
    assert page["can_submit"]  # Enter has chosen the row, and nothing else
    page.page.locator(".prompt-row .row-choice").focus()
    page.press("Space")
    page.wait("prompts[0].selected")
    page.press("Tab")
    page.press("Enter")
    page.wait("prompts.length === 0")


def test_a_class_is_renamed_with_letters_that_are_keys_elsewhere(page: WebPage) -> None:
    page.clear()
    page.press("1")
    page.wait("class_id === classes[0].id")
    unfold(page, ["profile"])
    old, new = page["classes"][0]["name"], "w2 box a 4"
    for name in (new, old):
        page.named("Rename").click()
        page.until(lambda: page.page.evaluate("document.activeElement.className === 'class-input'"))
        page.page.keyboard.type(name)
        page.press("Enter")
        page.wait(f"classes[0].name === {name!r} && !class_editing")
        assert page["class_id"] == page["classes"][0]["id"] and not page["waits"] and not page["prompts"]


def test_why_submit_is_disabled_is_said_before_it_is_pressed(page: WebPage) -> None:
    page.clear()
    page.press("1")  # the class whose lock comes first
    page.wait("class_id === 'can'")
    unfold(page, ["profile", "prompts"])
    reason = page.page.locator("#why-not-submit")
    page.until(lambda: "Click on a part first" in reason.inner_text())
    page.named("Lock").click()
    page.until(lambda: "is locked: unlock it in panel 3" in reason.inner_text())
    page.named("Lock").click()
    page.page.get_by_role("button", name="Automatic").click()
    page.until(lambda: "Find objects first" in page.page.locator(".work-foot").inner_text())
    page.page.get_by_role("button", name="Click", exact=True).click()
    click_on_core(page)
    page.until(lambda: not reason.count())


def test_the_page_says_what_to_begin_with_and_leads_to_thin_walls(page: WebPage) -> None:
    page.clear()
    unfold(page, ["prompts"])
    page.page.get_by_text("Begin with a part that stands out").wait_for()
    page.named("Go to threshold a class").click()
    page.page.get_by_text("What of Can is kept.").or_(page.page.get_by_text("is kept.")).first.wait_for()


@pytest.mark.parametrize(
    "name", ["Project", "Scan", "Model", "Edit by hand", "Result", "3D view", "Through the volume"]
)
def test_what_is_unfolded_comes_into_sight(page: WebPage, name: str) -> None:
    page.clear()
    unfold(page, ["profile", "prompts"])
    title = page.page.locator(".work-drawer .v-expansion-panel-title", has_text=name)
    if title.get_attribute("aria-expanded") == "true":
        page.toggle_panel(name)
    page.open_panel(name)
    page.until(lambda: title.evaluate(IS_IN_SIGHT))


def test_the_way_through_the_volume_is_beside_submit(page: WebPage) -> None:
    page.clear()
    unfold(page, ["profile"])
    click_on_core(page)
    page.page.locator(".work-foot").get_by_role("button", name="Through the volume").click()
    button = page.page.get_by_role("button", name="Propagate", exact=True)
    page.until(lambda: button.count() and button.evaluate(IS_ON_TOP))


def test_one_thing_at_a_time_is_explained_and_nothing_that_is_gone(page: WebPage) -> None:
    shown = page.page.locator(".v-tooltip.v-overlay--active")
    unfold(page, ["prompts"])
    page.open_panel("Through the volume")
    page.page.get_by_role("button", name="Both ways").hover()  # is explained itself, and so is the group that it is in
    page.page.get_by_text("To both sides; between").wait_for()
    page.until(lambda: shown.count() == 1)
    page.page.locator(".layout-grid-item", has_text="Coronal").get_by_label("Fit to the view").hover()
    page.page.get_by_text("Fit to the view", exact=True).wait_for()
    page.page.evaluate("document.querySelector(\"[aria-label='3D view only']\").click()")
    page.wait("layout === 'volume'")
    try:
        page.until(lambda: shown.count() == 0 or "Coronal" not in page.page.locator(".view-area").inner_text())
        page.until(lambda: shown.count() <= 1)
    finally:
        page.named("One large view").click()
        page.wait("layout === 'primary' && slice_Axial.axis")


def test_it_is_said_that_the_volume_is_being_computed_until_it_is_there(page: WebPage) -> None:
    unfold(page, ["view3d"])
    page.page.evaluate(NOTE_WAITING)
    volume = page.page.get_by_label("Volume: see into the classes")
    volume.click()
    page.wait("render_shown && render_seen && render_percent < 0")
    page.until(lambda: not page.page.locator(".view-wait").count())
    assert page.page.evaluate("window.hasWaited")
    volume.click()
    page.page.get_by_label("Surfaces of the classes").click()
    page.wait("!render_shown && surfaces")


def test_a_page_whose_connection_was_broken_goes_on_by_itself(page: WebPage) -> None:
    page.clear()
    click_on_core(page)
    page.page.add_init_script(NOTE_SOCKETS)
    page.load_anew()
    page.page.evaluate("window.isBefore = true; for (const each of sockets) each.close()")
    page.until(lambda: not is_before(page))
    page.wait("prompts.length === 1 && can_submit")
    page.errors.clear()  # that the connection ended is noted
    page.clear()


def is_before(page: WebPage) -> bool:
    """Whether the page has not been loaded anew, or not yet come to its state."""
    with suppress(Error):  # it is being loaded
        return bool(page.page.evaluate(f"window.isBefore || !({IS_LOADED})"))
    return True


@pytest.fixture
def with_a_class(page: WebPage) -> Iterator[WebPage]:
    """The page after the core of one slice was submitted to the first class, no message over its views."""
    page.clear()
    page.page.evaluate("trame.state.set('notice', '')")
    page.until(lambda: not page.page.locator(".notice .v-snackbar__wrapper").count())
    page.show_slice("Axial", CORE_IJK[2])
    unfold(page, ["profile"])
    page.press("1")
    click_on_core(page)
    area = page["mask_pixels"]
    page.press("Enter")
    page.wait(f"said && class_looks[class_id].size.startsWith('{area:,} voxels')")
    yield page
    page.clear()


def test_a_class_tells_its_voxels_and_volume_and_undo_is_followed(with_a_class: WebPage) -> None:
    row = with_a_class.page.locator(".class-row").first
    voxels, volume = re.findall(r"[\d.,]+(?= voxels| mm)", row.inner_text())
    spacing = [float(each) for each in with_a_class["voxel_mm"]]
    assert float(volume.replace(",", "")) == pytest.approx(int(voxels.replace(",", "")) * np.prod(spacing), rel=0.01)
    with_a_class.probe(*with_a_class.place_of("Axial", CORE_IJK))
    assert str(with_a_class["probe"]).endswith("   Can")
    with_a_class.press("Control+z")
    with_a_class.until(lambda: "no voxels" in row.inner_text())


def test_a_class_is_hidden_shown_and_seen_through(with_a_class: WebPage) -> None:
    page = with_a_class
    page.press("Control+Shift+K")
    page.wait("prompted_slices === 0")
    page.until_seen(lambda: orange(page) > 2000)
    page.named("Show or hide Can").click()
    page.wait("class_looks.can.visible === false")
    page.until_seen(lambda: orange(page) < 200)
    page.named("Show or hide Can").click()
    page.wait("class_looks.can.visible === true")
    page.until_seen(lambda: orange(page) > 2000)
    page.page.get_by_label("Outlines only").click()
    page.wait("mask_outlines")
    page.until_seen(lambda: 20 < orange(page) < 2000)
    page.page.get_by_label("Outlines only").click()
    page.until_seen(lambda: orange(page) > 2000)
    assert page["class_looks"]["can"]["visible"]


def orange(page: WebPage) -> int:
    """Number of pixels of the axial view in the colour of the class Can."""
    shot = Image.open(io.BytesIO(page.page.screenshot(clip=page.box("Axial")))).convert("RGB")
    red, _, blue = np.moveaxis(np.asarray(shot, int)[60:-40], 2, 0)
    return int(np.count_nonzero(red > blue + 40))


@pytest.mark.picture
def test_the_picture_of_the_page_shows_the_controls_that_it_has(page: WebPage) -> None:
    page.clear()
    if page["theme"] != "dark":
        choose_theme(page, "dark")
    page.show_slice("Axial", CORE_IJK[2])
    unfold(page, ["profile", "prompts"])
    page.press("4")
    click_on_core(page)
    page.click(*page.place_of("Axial", (93, 132, CORE_IJK[2])), key="Control")
    page.wait("can_submit && prompts.length === 2 && !busy_text")
    page.page.mouse.move(600, 755)
    page.scroll_up()
    page.picture("web-core")


def test_a_slice_number_is_typed_and_a_wrong_one_gives_way(page: WebPage) -> None:
    number = page.named("Number of the coronal slice")
    number.fill("31")
    page.press("Enter")
    page.wait("slice_Coronal.index === 31")
    number.fill("4711")
    page.press("Enter")
    page.wait("notice.startsWith('Coronal slice: There are the slices 0 to 181')")
    page.until(lambda: number.input_value() == "31")
    page.named("Close notice").click()
    page.wait("!notice")


def test_arrow_and_page_keys_step_the_view_that_the_mouse_was_in(page: WebPage) -> None:
    page.show_slice("Sagittal", 90)
    page.page.evaluate("document.activeElement.blur()")
    before = page["slice_Axial"]
    for key, index in (("ArrowUp", 91), ("ArrowLeft", 90), ("PageDown", 80), ("PageUp", 90)):
        page.press(key)
        page.wait(f"slice_Sagittal.index === {index}")
    assert page["slice_Axial"] == before
    page.show_slice("Sagittal", 4)
    page.page.evaluate("document.activeElement.blur()")
    page.press("PageDown")
    page.wait("slice_Sagittal.index === 0")


def test_with_shift_all_views_go_to_the_voxel_under_the_pointer(page: WebPage) -> None:
    page.show_slice("Coronal", 110)
    page.show_slice("Axial", CORE_IJK[2])
    box = page.box("Coronal")
    x, y = box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"]
    voxel = page.probe(x, y)
    page.show_slice("Axial", voxel[2] + 9)
    page.page.keyboard.down("Shift")
    page.page.mouse.move(x, y)
    page.wait(f"slice_Sagittal.index === {voxel[0]} && slice_Axial.index === {voxel[2]}")
    places: list[tuple[float, float] | None] = [None]
    page.until_seen(lambda: places.append(crossed(page, "Axial")) or places[-1])
    page.screenshot("crosshair")
    page.page.keyboard.up("Shift")
    # the picture is packed: the middle of its lines is known to two pixels, of which a voxel has three
    assert np.abs(np.array(page.probe(*places[-1])) - voxel).max() <= 1
    for view in ("Axial", "Sagittal"):
        assert np.abs(np.array(page.probe(*page.place_of(view, voxel))) - voxel).max() <= 1, view
    page.until_seen(lambda: crossed(page, "Axial") is None)
    page.show_slice("Axial", CORE_IJK[2])


def crossed(page: WebPage, view: str) -> tuple[float, float] | None:
    """Where the crosshair's yellow lines cross in a view, None where there are none."""
    box = page.box(view)
    shot = Image.open(io.BytesIO(page.page.screenshot(clip=box))).convert("RGB")
    red, green, blue = np.moveaxis(np.asarray(shot, int), 2, 0)
    yellow = (red > blue + 40) & (green > blue + 25)  # a thin line in a packed picture is pale
    column, row = yellow.sum(axis=0), yellow.sum(axis=1)
    if column.max() < 0.5 * len(row) or row.max() < 0.5 * len(column):
        return None
    return box["x"] + int(column.argmax()) + 0.5, box["y"] + int(row.argmax()) + 0.5


def test_the_scale_bar_is_as_long_as_it_says(page: WebPage) -> None:
    box = page.box("Axial")
    x, y = box["x"] + 200, box["y"] + 300
    page.probe(x, y)
    first, shown = place_mm(page), page["scale_Axial"]
    length, unit = shown["text"].split()
    length_mm = float(length) * {"mm": 1, "µm": 1e-3}[unit]
    page.probe(x + 250, y)
    assert shown["px"] * np.linalg.norm(place_mm(page) - first) / 250 == pytest.approx(length_mm, rel=0.01)
    bar = page.page.locator(".scale-line").first.bounding_box()
    assert bar is not None and bar["width"] == pytest.approx(shown["px"], abs=0.5)


def place_mm(page: WebPage) -> np.ndarray:
    """The place under the pointer, as the status line tells it."""
    found = re.search(r"([RL]) ([\d.]+) ([AP]) ([\d.]+) ([SI]) ([\d.]+) mm", str(page["probe"]))
    assert found
    words = found.groups()
    return np.array(
        [float(number) * (-1 if side in "LPI" else 1) for side, number in zip(*[iter(words)] * 2, strict=True)]
    )


def test_a_view_that_showed_all_shows_all_after_a_change_of_the_window(page: WebPage) -> None:
    def shown_mm() -> float:
        height = page.box("Axial")["height"]
        bar = page["scale_Axial"]
        number, unit = bar["text"].split()
        return float(number) * {"mm": 1, "µm": 1e-3}[unit] / bar["px"] * height

    page.named("Fit to the view").click()
    page.rest()
    before = shown_mm()
    page.page.set_viewport_size({"width": 1366, "height": 600})
    page.until(lambda: shown_mm() == pytest.approx(before, rel=0.02))
    page.page.set_viewport_size(SMALL_WINDOW)
    page.until(lambda: page.box("Axial")["height"] > 600 and shown_mm() == pytest.approx(before, rel=0.02))


def test_nothing_waits_for_a_mouse_to_be_seen(page: WebPage) -> None:
    page.page.mouse.move(5, 5)
    page.rest()
    pale = page.page.evaluate(
        """() => [...document.querySelectorAll('.v-application :is(button, input, [role=slider])')]
            .filter((each) => each.checkVisibility())
            .filter((each) => { for (let at = each; at; at = at.parentElement)
                if (at.matches('.v-layout *') && Number(getComputedStyle(at).opacity) < 0.6 && !at.matches('input'))
                    return true; return false; })
            .map((each) => each.outerHTML.slice(0, 160))"""
    )
    assert pale == []


def test_a_message_goes_by_itself_but_never_while_it_is_being_read(page: WebPage) -> None:
    page.clear()
    unfold(page, ["scan"])
    page.page.clock.install()
    page.page.evaluate("trame.state.set('notices_stay', false)")
    type_into(page, "Black below", "1e9")
    page.wait("!!notice")
    notice = page.page.locator(".notice .v-snackbar__wrapper")
    notice.hover()
    page.page.clock.run_for(120_000)
    assert page["notice"]
    page.named("Close notice").focus()
    page.page.mouse.move(700, 500)
    page.page.clock.run_for(120_000)
    assert page["notice"]
    page.page.get_by_label("Black below").focus()
    page.wait("!notice_held")
    page.until(lambda: (page.page.clock.run_for(30_000), not page["notice"])[1])
    page.page.evaluate("trame.state.set('notices_stay', true)")


def test_what_is_chosen_is_remembered_at_the_next_start(tmp_path: Path) -> None:
    from RWTHSAMWeb.page_choices import PageChoices

    file = tmp_path / "page.json"
    assert PageChoices(file).theme == "system"
    PageChoices(file).keep(theme="light")
    PageChoices(file).keep(notices_stay=True)
    assert (PageChoices(file).theme, PageChoices(file).notices_stay) == ("light", True)
    file.write_text("[]")
    assert PageChoices(file).theme == "system"

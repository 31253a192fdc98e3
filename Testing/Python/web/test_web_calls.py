"""Whatever the browser sends over its socket, the page goes on: wrong calls change nothing and are answered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from web_parts import RunningApp, WebPage

pytest.importorskip("wslink", reason="needs the page's server (install the 'web' extra)")

from wslink.websocket import ServerProtocol  # noqa: E402

from RWTHSAMWeb.dispatch import PageSocket  # noqa: E402

SEED = 5
MOST_ACTIONS = 140
"""More than the page has; numbers behind the last one are calls of nothing."""
HOSTILE = [
    *(None, -1, 0.5, 10**15, "", "x", "__class__", "²", "9" * 400, "nan", "../..", "<script>"),
    *([], [[]], [None], [1, 2, 3], ["a"] * 50, {}, {"a": 1}),
]
STATE = [
    "window",
    "classes",
    "class_id",
    "detected_sort",
    "detected_page",
    "tool",
    "layout",
    "mode",
    "prompts",
    "profile_name",
]
_CALL_IN_TURN = """async (calls) => {
    for (const [name, args] of calls)
        await trame.trigger(name, args).catch(() => null);
}"""


@pytest.fixture(scope="module")
def the_page(browser: Browser, trained_weights: Path, cell_scan: Path) -> Iterator[WebPage]:
    """The page of an app of its own: what is sent here is meant to do harm."""
    app = RunningApp("--weights", trained_weights, "--volume", cell_scan)
    opened = WebPage.open(browser, app)
    opened.wait("engine_phase === 'ready'")
    yield opened
    opened.page.context.close()
    app.stop()


@pytest.fixture
def page(the_page: WebPage) -> WebPage:
    """The page with a cell and no prompts."""
    the_page.clear()
    return the_page


def shown(page: WebPage) -> dict[str, object]:
    return {key: page[key] for key in STATE}


def prompt_and_submit(page: WebPage) -> None:
    """The page used as a person does."""
    box = page.box("Axial")
    page.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait("prompts.length === 1")
    page.press("Control+z")
    page.wait("prompts.length === 0")
    page.press("2")
    page.wait("class_id === classes[1].id")
    page.press("1")
    page.wait("class_id === classes[0].id")


def test_hostile_arguments_to_every_action_change_nothing(page: WebPage) -> None:
    dice = random.Random(SEED)
    print(f"seed {SEED}")
    before = shown(page)
    calls = [
        (f"trigger__{number}", [dice.choice(HOSTILE) for _ in range(count)])
        for number in range(1, MOST_ACTIONS)
        for count in (1, 3)
    ]
    calls += [
        (name, [each]) for name in ("key", "open_path", "open_phantom", "view_size") for each in HOSTILE if each != "x"
    ]
    calls += [(each, []) for each in ("", "x", None, 5, [], {})]
    dice.shuffle(calls)
    several = "calls => Promise.all(calls.map(([name, args]) => trame.trigger(name, args).then(() => 1, () => 1)))"
    page.page.evaluate(several, calls)
    page.wait("!!notice")
    # what is refused late is said late: notices are closed until none is left
    page.wait("notice ? (trame.state.set('notice', ''), false) : !busy_text")
    after = shown(page)
    assert {key: after[key] for key in ("classes", "detected_sort", "detected_page")} == {
        key: before[key] for key in ("classes", "detected_sort", "detected_page")
    }
    assert "Traceback" not in page.app.log()
    prompt_and_submit(page)


def test_a_column_that_is_not_there_does_not_break_the_table(page: WebPage) -> None:
    page.page.evaluate(_CALL_IN_TURN, [[f"trigger__{number}", ["x"]] for number in range(1, MOST_ACTIONS)])
    page.wait("detected_sort === 'volume'")
    prompt_and_submit(page)


def test_values_that_are_not_the_pages_to_set_come_back(page: WebPage) -> None:
    before = {key: page[key] for key in ("classes", "window", "detected_sort", "model_name", "panels")}
    for key in (*before, "trame__template_main", "no_such_value"):
        for each in ("x", None, [], {"a": 1}, 1e9):
            page.page.evaluate("([key, value]) => trame.client.getConnection().getSession().call("
                               "'trame.state.update', [[{key, value}]])", [key, each])  # fmt: skip
    page.load_anew()
    assert {key: page[key] for key in ("classes", "window", "detected_sort", "model_name")} == {
        key: before[key] for key in ("classes", "window", "detected_sort", "model_name")
    }
    assert "Traceback" not in page.app.log()
    page.page.evaluate("trame.state.set('notice', '')")
    page.rest()  # or a click may be somewhere else at its release
    prompt_and_submit(page)


def test_what_is_packed_already_is_not_packed_again(page: WebPage) -> None:
    extensions = page.page.evaluate(
        """() => new Promise((told) => {
            const socket = new WebSocket(`ws://${location.host}/ws`);
            socket.onopen = () => { told(socket.extensions); socket.close(); };
        })"""
    )
    assert extensions == ""


def test_a_browser_that_is_gone_before_its_socket_is_open_leaves_no_error() -> None:
    async def leave() -> None:
        await PageSocket(ServerProtocol()).onClose("nobody")

    with ThreadPoolExecutor(1) as thread:  # the browser of other tests has its loop in this one
        thread.submit(asyncio.run, leave()).result()


def test_a_message_beyond_all_measure_takes_no_memory(page: WebPage) -> None:
    status = Path(f"/proc/{page.app._process.pid}/status")
    if not status.exists():
        pytest.skip("needs /proc")

    def resident_kib() -> int:
        return int(
            next(
                line.split()[1] for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS")
            )
        )

    before = resident_kib()
    cookies = page.page.context.cookies()
    assert cookies and all(each["sameSite"] == "Strict" and each["httpOnly"] for each in cookies)
    page.page.evaluate(
        """() => new Promise((ended) => {
            const socket = new WebSocket(`ws://${location.host}/ws`);
            socket.onclose = () => ended();
            socket.onopen = () => {
                const header = new DataView(new ArrayBuffer(12 + 9000000));
                header.setUint32(0, 7, true);
                header.setUint32(8, 2147483648, true);
                for (let at = 0; at < 16; at++) {
                    header.setUint32(4, at * 9000000, true);
                    socket.send(header.buffer);
                }
            };
        })"""
    )
    assert resident_kib() - before < 80_000
    assert "Traceback" not in page.app.log()
    prompt_and_submit(page)

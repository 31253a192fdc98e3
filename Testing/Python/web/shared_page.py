"""One page for many test files: a project saved when nothing was done yet, opened again, is how each file begins."""

from __future__ import annotations

from pathlib import Path

from web_parts import WebPage

VIEWPORT = {"width": 1500, "height": 900}
OPENED = ("panels", "auto_open", "click_open", "native_open", "prop_open", "surfaces", "class_editing", "scan_path")
"""What the page itself sets and no project keeps."""
PASSING = (
    *("notice", "notice_level", "notice_number", "messages", "said", "recent_projects"),
    *("probe", "trame__busy"),
)
"""What tells of the past, what is under the mouse, and whether something is on its way."""
_WHOLE_STATE = "JSON.parse(JSON.stringify(trame.state.state))"


class SharedPage:
    """A page that is put back to its first state.

    Parameters
    ----------
    page : WebPage
        As its app has opened it, with a scan that stays where it is.
    folder : Path
        To be made, for the project.
    """

    def __init__(self, page: WebPage, folder: Path) -> None:
        self.page, self._folder = page, folder
        self._save()
        self._open()
        self._first = page.at_rest(self._state, again_ms=200)
        self._opened = {name: self._first[name] for name in OPENED}

    def begin_anew(self) -> WebPage:
        """The page as it was at first.

        Raises
        ------
        AssertionError
            If anything of what was done before is left.
        """
        self.page.page.set_viewport_size(VIEWPORT)
        self.page.page.emulate_media(reduced_motion="reduce")
        self.page.errors.clear()  # whoever made them was told
        self.page.page.evaluate("document.activeElement.blur()")  # keys are meant for the page, not for a field
        self.page.press("Escape")
        if self.page["waits"]:
            self.page.press("w")
            self.page.wait("!waits")
        self._open()
        self.page.page.evaluate("values => trame.state.update(values)", self._opened)
        try:
            self.page.until(lambda: not self._differing())
        except AssertionError as error:
            raise AssertionError(f"The page is not as it was at first (then, now): {self._differing()}") from error
        return self.page

    def _save(self) -> None:
        self.page.open_panel("Project")
        self.page.page.get_by_label("Folder of the project on this computer").fill(str(self._folder))
        self.page.page.get_by_role("button", name="Save project").click()
        self.page.wait("notice.startsWith('Saved to') && !busy_text && !unsaved_work")
        self.page.toggle_panel("Project")

    def _open(self) -> None:
        # another class is chosen first: when the project's own is back, it has been opened
        self.page.press("2")
        self.page.wait("class_id === classes[1].id")
        self.page.page.evaluate("trame.state.set('notice', '')")
        self.page.page.evaluate("path => trame.trigger('open_project', [path])", str(self._folder))
        self.page.wait("class_id === classes[0].id && !busy_text && !unsaved_work && !undo_text")
        self.page.load_anew()
        self.page.wait("engine_phase === 'ready'")

    def _state(self) -> dict[str, object]:
        state: dict[str, object] = self.page.page.evaluate(_WHOLE_STATE)
        return {name: value for name, value in state.items() if name not in PASSING and not name.endswith("_cursor")}

    def _differing(self) -> dict[str, tuple[object, object]]:
        now = self._state()
        return {
            name: (self._first.get(name), now.get(name))
            for name in self._first.keys() | now.keys()
            if self._first.get(name) != now.get(name)
        }

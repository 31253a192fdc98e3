"""The options of the effect: class, prompts, masks to choose from, submit, undo. Shows and calls the session only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import slicer
from slicer.i18n import tr as _

from ...core.crop import DETAILS
from ...core.prompts import BoxPrompt, Prompt, StrokePrompt
from ...core.settings.typed import text_of
from ...mrml.session.gestures import Tool
from ...mrml.session.session import Session
from ...mrml.session.status import SessionStatus
from ..app.connections import Connections
from ..app.forms import load_form
from ..app.icons import color_icon, show_level
from .overwrite_box import OverwriteBox

if TYPE_CHECKING:
    from ..app.shared_session import SharedSession

MODULE_NAME = "RWTHSAM"


class PromptPanel:
    """The form ``RWTHSAMPrompts.ui`` with a session behind it, or disabled without one.

    Attributes
    ----------
    widget : QWidget
        To be put into a layout.
    """

    def __init__(self) -> None:
        self.widget = load_form("RWTHSAMPrompts")
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self._shared: SharedSession | None = None
        self._tools = {
            "point": self.ui.pointButton,
            "box": self.ui.boxButton,
            "winding": self.ui.windingButton,
        }
        self._winding_widgets = (self.ui.windingDistanceEdit, self.ui.inwardsButton, self.ui.outwardsButton)
        self._candidates = (self.ui.candidateButton1, self.ui.candidateButton2, self.ui.candidateButton3)
        self._overwrite_box = OverwriteBox(
            self.ui.overwriteBox, self.ui.overwriteClassesButton, self._on_overwrite_classes
        )
        self._shown_classes: tuple[object, ...] = ()
        self._is_showing = False
        self._signals = Connections()
        self._connect()
        self.refresh()

    def show_session(self, shared: SharedSession | None) -> None:
        """Work with a session, or with none."""
        self._leave()
        self._shared = shared
        if shared is not None:
            shared.session.on_change.append(self.refresh)
        self.refresh()

    def close(self) -> None:
        """End every connection; the widgets may be gone already."""
        self._leave()
        self._signals.close()

    def refresh(self) -> None:
        """Show the session as it is now."""
        if self._is_showing:
            return
        self._is_showing = True
        try:
            self._show(self._shared)
        finally:
            self._is_showing = False

    def _leave(self) -> None:
        if self._shared is not None and self.refresh in self._shared.session.on_change:
            self._shared.session.on_change.remove(self.refresh)
        self._shared = None

    # showing

    def _show(self, shared: SharedSession | None) -> None:
        session = shared.session if shared is not None else None
        status = session.status if session is not None else None
        has_scan = session is not None and session.volume_node is not None
        for each in (self.ui.classBox, *self._tools.values(), self.ui.promptList):
            each.enabled = has_scan
        for tool, button in self._tools.items():
            button.checked = tool == (session.tool if session is not None else "point")
        self._show_windings(session)
        self.ui.detailBox.enabled = has_scan
        self.ui.detailBox.currentIndex = DETAILS.index(session.prompting.detail) if session is not None else 0
        self.ui.waitBox.enabled = has_scan
        self.ui.waitBox.checked = session is not None and session.prompting.waits
        self._show_status(shared, status)
        self._show_classes(session)
        self._overwrite_box.show(session)
        self._show_candidates(status)
        self._show_prompts(status)
        self._show_actions(session, status)

    def _show_status(self, shared: SharedSession | None, status: SessionStatus | None) -> None:
        problem = shared.problem if shared is not None else ""
        self.ui.statusLabel.text = problem or (status.text if status is not None else "")
        show_level(self.ui.statusIcon, "error" if problem else status.level if status is not None else "info")
        self.ui.convertButton.setVisible(status is not None and status.needs_conversion)
        self.ui.setUpButton.setVisible(status is not None and status.engine.phase in ("stopped", "failed"))

    def _show_windings(self, session: Session | None) -> None:
        is_shown = session is not None and session.tool == "winding"
        for each in (self.ui.windingLabel, *self._winding_widgets):
            each.setVisible(is_shown)
        if session is None:
            return
        given, measured = session.windings.given_px, session.windings.measured_px
        # what was measured is no text: leaving the field would make it a given distance
        self.ui.windingDistanceEdit.text = text_of(given)
        self.ui.windingDistanceEdit.placeholderText = _("measured") if measured is None else f"{measured:.1f}"
        self.ui.inwardsButton.enabled = self.ui.outwardsButton.enabled = session.windings.can_repeat

    def _show_classes(self, session: Session | None) -> None:
        classes = session.profile.classes if session is not None else ()
        if classes != self._shown_classes:
            self._shown_classes = classes
            self.ui.classBox.clear()
            for each in classes:
                name = _("{name} (locked)").format(name=each.name) if each.locked else each.name
                self.ui.classBox.addItem(color_icon(each.color), name)
        ids = [each.id for each in classes]
        self.ui.classBox.currentIndex = ids.index(session.class_id) if session is not None else -1

    def _show_candidates(self, status: SessionStatus | None) -> None:
        scores = status.candidate_scores if status is not None else ()
        for position, button in enumerate(self._candidates):
            offered = position < len(scores)
            button.enabled = offered
            button.text = f"{position + 1}: {scores[position]:.2f}" if offered else f"{position + 1}"
            button.checked = offered and status is not None and status.candidate == position

    def _show_prompts(self, status: SessionStatus | None) -> None:
        items = status.prompts.items if status is not None else ()
        where = status.slice if status is not None and items else None
        self.ui.promptsLabel.text = _("Prompts\n{where}:").format(where=where.text) if where else _("Prompts:")
        self.ui.promptList.clear()
        for each in items:
            self.ui.promptList.addItem(_prompt_text(each))
        selected = status.selected if status is not None else None
        self.ui.promptList.setCurrentRow(-1 if selected is None else selected)

    def _show_actions(self, session: Session | None, status: SessionStatus | None) -> None:
        self.ui.deletePromptButton.enabled = status is not None and status.prompt_count > 0
        self.ui.deleteAllButton.enabled = status is not None and status.prompted_slices > 0
        can_refine = status is not None and status.engine.phase == "ready" and not status.prompt_count
        self.ui.refineButton.enabled = can_refine and session is not None and session.volume_node is not None
        chosen = session.profile.class_by_id(session.class_id) if session is not None else None
        is_locked = chosen is not None and chosen.locked
        self.ui.submitButton.enabled = status is not None and status.can_submit and not is_locked
        # Qt shows the hint of a disabled button too
        lacking = status.why_not_submit if status is not None else ""
        self.ui.submitButton.toolTip = lacking or _("Add the masks of all prompted slices to the class (Enter).")
        if chosen is None:
            self.ui.submitButton.text = _("Submit")
        elif status is not None and status.prompts.replaces and not is_locked:
            self.ui.submitButton.text = _("Replace in '{name}'").format(name=chosen.name)
        elif is_locked:
            self.ui.submitButton.text = _("'{name}' is locked").format(name=chosen.name)
        else:
            self.ui.submitButton.text = _("Submit to '{name}'").format(name=chosen.name)
        undo, redo = (status.undo_text, status.redo_text) if status is not None else (None, None)
        self.ui.undoButton.enabled, self.ui.redoButton.enabled = undo is not None, redo is not None
        self.ui.undoButton.toolTip = _("Undo: {what} (Ctrl+Z)").format(what=undo) if undo else _("Undo")
        self.ui.redoButton.toolTip = _("Redo: {what} (Ctrl+Y)").format(what=redo) if redo else _("Redo")

    # acting

    def _connect(self) -> None:
        connect, ui = self._signals.connect, self.ui
        connect(ui.setUpButton, "clicked(bool)", self._on_set_up)
        connect(ui.convertButton, "clicked(bool)", self._on_convert)
        connect(ui.classBox, "currentIndexChanged(int)", self._on_class)
        connect(ui.overwriteBox, "currentIndexChanged(int)", self._on_overwrite)
        connect(ui.pointButton, "clicked(bool)", self._on_point)
        connect(ui.boxButton, "clicked(bool)", self._on_box)
        connect(ui.windingButton, "clicked(bool)", self._on_winding)
        connect(ui.windingDistanceEdit, "editingFinished()", self._on_winding_distance)
        connect(ui.inwardsButton, "clicked(bool)", self._on_inwards)
        connect(ui.outwardsButton, "clicked(bool)", self._on_outwards)
        for button, slot in zip(self._candidates, (self._on_first, self._on_second, self._on_third), strict=True):
            connect(button, "clicked(bool)", slot)
        connect(ui.promptList, "currentRowChanged(int)", self._on_prompt)
        connect(ui.deletePromptButton, "clicked(bool)", self._on_delete)
        connect(ui.deleteAllButton, "clicked(bool)", self._on_delete_all)
        connect(ui.detailBox, "currentIndexChanged(int)", self._on_detail)
        connect(ui.waitBox, "toggled(bool)", self._on_wait)
        connect(ui.refineButton, "clicked(bool)", self._on_refine)
        connect(ui.submitButton, "clicked(bool)", self._on_submit)
        connect(ui.undoButton, "clicked(bool)", self._on_undo)
        connect(ui.redoButton, "clicked(bool)", self._on_redo)

    def _do(self, action: Callable[[Session], None]) -> None:
        """Do something with the session; what a person can mend becomes its status line."""
        if self._is_showing or self._shared is None:
            return
        session = self._shared.session
        session.attempt(lambda: action(session))
        self.refresh()

    def _on_set_up(self) -> None:
        slicer.util.selectModule(MODULE_NAME)

    def _on_convert(self) -> None:
        self._do(lambda session: session.convert_segmentation())

    def _on_class(self, row: int) -> None:
        if row >= 0:
            self._do(lambda session: session.select_class(session.profile.classes[row].id))

    def _on_overwrite(self, index: int) -> None:
        if index >= 0:
            self._do(lambda session: self._overwrite_box.choose(session, index))

    def _on_overwrite_classes(self, class_ids: tuple[str, ...]) -> None:
        self._do(lambda session: OverwriteBox.take_from(session, class_ids))

    def _on_point(self) -> None:
        self._choose_tool("point")

    def _on_box(self) -> None:
        self._choose_tool("box")

    def _on_winding(self) -> None:
        self._choose_tool("winding")

    def _on_winding_distance(self) -> None:
        text = self.ui.windingDistanceEdit.text
        self._do(lambda session: session.windings.set_distance_text(text))

    def _on_inwards(self) -> None:
        self._do(lambda session: session.windings.again(outwards=False))

    def _on_outwards(self) -> None:
        self._do(lambda session: session.windings.again(outwards=True))

    def _choose_tool(self, tool: Tool) -> None:
        self._do(lambda session: session.set_tool(tool))

    def _on_first(self) -> None:
        self._choose_candidate(0)

    def _on_second(self) -> None:
        self._choose_candidate(1)

    def _on_third(self) -> None:
        self._choose_candidate(2)

    def _choose_candidate(self, position: int) -> None:
        def choose(session: Session) -> None:
            step = position - session.status.candidate
            if step:
                session.prompting.next_candidate(step)

        self._do(choose)

    def _on_prompt(self, row: int) -> None:
        def select(session: Session) -> None:
            where = session.status.slice
            if where is not None and row >= 0:
                session.prompting.select(where, row)

        self._do(select)

    def _on_delete(self) -> None:
        self._do(lambda session: session.prompting.delete_selected())

    def _on_delete_all(self) -> None:
        self._do(lambda session: session.prompting.delete_all())

    def _on_detail(self, index: int) -> None:
        if index >= 0:
            self._do(lambda session: session.prompting.set_detail(DETAILS[index]))

    def _on_wait(self, waits: bool) -> None:
        self._do(lambda session: session.prompting.wait(waits))

    def _on_refine(self) -> None:
        shared = self._shared
        if shared is not None:
            self._do(lambda session: session.prompting.refine_class(shared.plane_in_view()))

    def _on_submit(self) -> None:
        self._do(lambda session: session.submit())

    def _on_undo(self) -> None:
        self._do(lambda session: session.undo())

    def _on_redo(self) -> None:
        self._do(lambda session: session.redo())


def _prompt_text(item: Prompt) -> str:
    if isinstance(item, BoxPrompt):
        text = _("Box from ({x0}, {y0}) to ({x1}, {y1})")
        return text.format(x0=item.x_min, y0=item.y_min, x1=item.x_max, y1=item.y_max)
    if isinstance(item, StrokePrompt) and not item.is_winding:
        text = _("Positive line of {count} places") if item.positive else _("Negative line of {count} places")
        return text.format(count=len(item.points_xy))
    if isinstance(item, StrokePrompt):
        text = _("Winding along {count} places") if item.positive else _("Not the winding along {count} places")
        return text.format(count=len(item.points_xy))
    text = _("Positive point ({x}, {y})") if item.positive else _("Negative point ({x}, {y})")
    return text.format(x=item.x, y=item.y)

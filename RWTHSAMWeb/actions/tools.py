"""The host's own editing tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from RWTHSAMLib.core.json_document import Json
from RWTHSAMLib.errors import StateError

from ..app_context import AppContext
from ..arguments import Between, Pair, value_as
from ..host import NativeTool
from ..kept_choices import choice_of
from ..state import page_values
from ..state.scan_values import brush_range_mm

_WHAT_IT_DOES: dict[NativeTool, str] = {
    "paint": "Paint: drag in a view to add voxels to '{}'.",
    "erase": "Erase: drag in a view to take voxels out of '{}'.",
    "scissors": "Scissors: draw a line in a view round what shall be cut away from '{}'.",
    "threshold": "Threshold: choose grey values in panel 5, then add what they show to '{}'.",
}


class ToolActions:
    """Panel 5."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    def kept(self) -> dict[str, Json]:
        """See `Keeper`."""
        return {"brush_mm": float(self._context.state.brush_mm)}

    def take_up(self, kept: Mapping[str, Json]) -> None:
        """See `Keeper`; the scan is there already, and with it the brush that fits it."""
        brush = Between(*brush_range_mm(self._context.session.require_volume()))
        self._context.state.brush_mm = choice_of(
            kept, "brush_mm", Annotated[float, brush], self._context.state.brush_mm
        )

    def shown(self) -> page_values.Json:
        """The chosen tool; as long as nothing else is to be told, the status line says what it does."""
        tool, status = self._context.host.native_tool, self._context.session.status
        if not tool or not status.is_idle:
            return {"native_tool": tool}
        text = _WHAT_IT_DOES[tool].format(self._context.session.workspace.class_name)
        return {"native_tool": tool, "status_text": text}

    def choose(self, tool: NativeTool) -> None:
        """Choose a tool; '' gives the mouse back to the prompts."""
        if tool:
            self._context.session.require_volume()
            self._context.session.workspace.check_in_memory(
                "Editing by hand", "let the model refine the class on this slice instead"
            )
        if tool and self._context.state.class_locked:
            self._context.notice(
                f"'{self._context.state.class_name}' is locked: unlock it or choose another class.", "warning"
            )
            tool = ""
        host = self._context.host
        host.set_native_tool(tool)
        if tool in ("paint", "erase"):
            host.set_brush(float(self._context.state.brush_mm), bool(self._context.state.brush_is_sphere))
        self._context.state.threshold = list(host.threshold) if tool == "threshold" else [0, 1]
        self._context.refresh()

    def set_brush(self, diameter_mm: Annotated[float, Between(1e-9, 1e6)]) -> None:
        """Change the brush's diameter, in mm."""
        lowest, highest = brush_range_mm(self._context.session.require_volume())
        value_as(Annotated[float, Between(lowest / 2, highest * 1.001)], diameter_mm, "brush")
        self._context.state.brush_mm = diameter_mm
        self._context.host.set_brush(float(diameter_mm), bool(self._context.state.brush_is_sphere))

    def set_brush_sphere(self, is_sphere: bool) -> None:
        """Paint a ball over several slices, or a disc on one."""
        self._context.state.brush_is_sphere = bool(is_sphere)
        self._context.host.set_brush(float(self._context.state.brush_mm), bool(is_sphere))

    def set_threshold(self, values: Pair) -> None:
        """Change the grey values that the threshold tool selects."""
        if self._context.host.native_tool != "threshold":
            raise StateError("Choose the threshold tool first.")
        self._context.state.threshold = sorted(values)
        self._context.host.set_threshold(*sorted(values))

    def apply_threshold(self) -> None:
        """Add what the threshold tool shows to the class."""
        if self._context.host.native_tool != "threshold":
            raise StateError("Choose the threshold tool first.")
        self._context.host.apply_threshold()
        self._context.refresh()

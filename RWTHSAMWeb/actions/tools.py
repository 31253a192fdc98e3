"""The host's own editing tools."""

from __future__ import annotations

from typing import Annotated

from RWTHSAMLib.errors import StateError

from ..arguments import Between, Pair, value_as
from ..desk import Desk
from ..host import NativeTool
from ..state import brush_range_mm


class ToolActions:
    """Panel 5."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def choose(self, tool: NativeTool) -> None:
        """Choose a tool; '' gives the mouse back to the prompts."""
        if tool:
            self._desk.session.require_volume()
        if tool and self._desk.state.class_locked:
            self._desk.notice(
                f"'{self._desk.state.class_name}' is locked: unlock it or choose another class.", "warning"
            )
            tool = ""
        host = self._desk.host
        host.set_native_tool(tool)
        if tool in ("paint", "erase"):
            host.set_brush(float(self._desk.state.brush_mm), bool(self._desk.state.brush_is_sphere))
        if tool == "threshold":
            self._desk.state.threshold = list(host.threshold)
        self._desk.refresh()

    def set_brush(self, diameter_mm: Annotated[float, Between(1e-9, 1e6)]) -> None:
        """Change the brush's size."""
        lowest, highest = brush_range_mm(self._desk.session.require_volume())
        value_as(Annotated[float, Between(lowest / 2, highest * 1.001)], diameter_mm, "brush")
        self._desk.state.brush_mm = diameter_mm
        self._desk.host.set_brush(float(diameter_mm), bool(self._desk.state.brush_is_sphere))

    def set_brush_sphere(self, is_sphere: bool) -> None:
        """Paint a ball over several slices, or a disc on one."""
        self._desk.state.brush_is_sphere = bool(is_sphere)
        self._desk.host.set_brush(float(self._desk.state.brush_mm), bool(is_sphere))

    def set_threshold(self, values: Pair) -> None:
        """Change the grey values that the threshold tool selects."""
        if self._desk.host.native_tool != "threshold":
            raise StateError("Choose the threshold tool first.")
        self._desk.state.threshold = sorted(values)
        self._desk.host.set_threshold(*sorted(values))

    def apply_threshold(self) -> None:
        """Add what the threshold tool shows to the class."""
        if self._desk.host.native_tool != "threshold":
            raise StateError("Choose the threshold tool first.")
        self._desk.host.apply_threshold()
        self._desk.refresh()

"""What the mouse does in slice views: its gestures become prompts, lines and selections."""

from __future__ import annotations

from collections.abc import Mapping

from ....core.oblique_plane import Plane
from ....errors import StateError
from ...nodes.volume_geometry import VolumeGeometry
from ..gestures import TOOLS, Gesture, GestureReader, PointerEvent, Tool
from ..part import SessionPart
from ..workspace import ANNOTATION_MODES, Workspace
from .automatic_masks import AutomaticMasks
from .prompting import Prompting
from .winding_tracing import WindingTracing

_PICK_TOLERANCE_VIEW_PIXELS = 9.0
"""A choice: about as far as a marker reaches."""


class Pointing(SessionPart):
    """Reads mouse events and does what they mean.

    Parameters
    ----------
    workspace : Workspace
    prompting : Prompting
        Gets points and boxes.
    automatic : AutomaticMasks
        Objects of its are selected.
    windings : WindingTracing
        Gets lines.
    """

    def __init__(
        self, workspace: Workspace, prompting: Prompting, automatic: AutomaticMasks, windings: WindingTracing
    ) -> None:
        self._workspace, self._prompting = workspace, prompting
        self._automatic, self._windings = automatic, windings
        self._gestures = GestureReader()

    @property
    def tool(self) -> Tool:
        """What the left button draws: ``"point"``, ``"box"`` or ``"winding"``."""
        return self._gestures.tool

    def set_tool(self, tool: Tool) -> None:
        """Choose what the left button draws."""
        self._gestures.tool = tool
        self._workspace.changed()

    def handle(self, event: PointerEvent) -> bool:
        """Handle a mouse event of a slice view; True tells the host to leave it alone."""
        if self._workspace.volume_node is None:
            return False
        gesture, consumed = self._gestures.read(event)
        if gesture is not None:
            self._workspace.attempt(lambda: self._perform(gesture))
        return consumed

    def cancel(self) -> None:
        """Abandon a click or drag that has begun, and what of it is drawn: the host needs the mouse for its own."""
        if self._gestures.cancel() and self._workspace.volume_node is not None:
            self._prompting.redraw()

    def leave_volume(self) -> None:
        """Abandon a gesture that has begun."""
        self._gestures.cancel()

    def kept(self) -> dict[str, str]:
        """What the left button draws, and whether a click prompts or selects."""
        return {"tool": self.tool, "mode": self._workspace.mode}

    def take_up(self, kept: Mapping[str, str]) -> None:
        """Choose it again."""
        self._gestures.tool = next((each for each in TOOLS if each == kept.get("tool")), "point")
        self._workspace.set_mode(next((each for each in ANNOTATION_MODES if each == kept.get("mode")), "click"))

    # inside

    def _perform(self, gesture: Gesture) -> None:
        """Do what a gesture means; `StateError` if it began outside the scan."""
        geometry = self._workspace.require_geometry()
        start = geometry.plane_at(gesture.start.slice_node, gesture.start.world_ras)
        if start is None:
            raise StateError("That place lies outside the scan.")
        x, y = geometry.pixel_of(start, gesture.start.world_ras)
        if gesture.meaning == "box":
            self._draw_box(start, (x, y), geometry.pixel_of(start, gesture.now.world_ras), gesture.finished)
        elif gesture.meaning in ("winding", "not winding"):
            self._trace(start, gesture, geometry)
        elif gesture.meaning in ("scribble", "not scribble"):
            self._scribble(start, gesture, geometry)
        elif gesture.meaning == "select or positive" and self._workspace.mode == "automatic":
            self._select_object(gesture.start, geometry)
        elif gesture.meaning == "select or positive":
            self._select_or_add(start, (x, y), gesture.start, geometry)
        else:
            self._prompting.add_point(start, x, y, gesture.meaning != "negative")

    def _draw_box(self, plane: Plane, first_xy: tuple[int, int], second_xy: tuple[int, int], finished: bool) -> None:
        draw = self._prompting.set_box if finished else self._prompting.draw_box
        draw(plane, first_xy, second_xy)

    def _trace(self, plane: Plane, gesture: Gesture, geometry: VolumeGeometry) -> None:
        path_xy = [geometry.pixel_of(plane, each.world_ras) for each in gesture.path]
        if gesture.finished:
            self._windings.trace(plane, path_xy, gesture.meaning == "winding")
        else:
            self._windings.draw(plane, path_xy)

    def _scribble(self, plane: Plane, gesture: Gesture, geometry: VolumeGeometry) -> None:
        if self._workspace.mode == "automatic":
            return  # objects that were found are selected by clicks alone
        path_xy = [geometry.pixel_of(plane, each.world_ras) for each in gesture.path]
        if gesture.finished:
            self._prompting.scribble(plane, path_xy, gesture.meaning == "scribble")
        else:
            self._prompting.draw_stroke(plane, path_xy)

    def _select_object(self, event: PointerEvent, geometry: VolumeGeometry) -> None:
        key = geometry.slice_at(event.slice_node, event.world_ras)
        if key is not None:
            self._automatic.select_at(key, *geometry.pixel_of(key, event.world_ras))

    def _select_or_add(self, key: Plane, at_xy: tuple[int, int], event: PointerEvent, geometry: VolumeGeometry) -> None:
        x, y = at_xy
        pixel_mm = min(key.pixel_mm_xy(geometry.spacing_mm_ijk))  # the shorter side
        within = max(1.0, _PICK_TOLERANCE_VIEW_PIXELS * event.mm_per_pixel / pixel_mm)
        position = self._prompting.prompts_on(key).nearest(x, y, within)
        if position is None:
            self._prompting.add_point(key, x, y)
        else:
            self._prompting.select(key, position)

"""What a mouse does in a slice view, in scene terms, and which prompt it means.

The grammar is RWTH-SAM's (middle button, Ctrl, Shift) with left-button equivalents beside it:

==================  =====================  ================================
gesture             meaning                note
==================  =====================  ================================
middle click        positive point         a middle drag still pans
Ctrl+middle click   negative point
Shift+middle drag   bounding box
left click          select a prompt        when one is under the pointer
left click          positive point         elsewhere
Ctrl+left click     negative point
left drag           scribble               with Ctrl a negative one; the model is asked with points along it
left drag           bounding box           when the box tool is chosen
left drag           line along a winding     when the winding tool is chosen; with Ctrl the winding is taken away
==================  =====================  ================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot
from typing import Literal

import slicer

Phase = Literal["press", "move", "release"]
Button = Literal["left", "middle", "right", ""]
Tool = Literal["point", "box", "winding"]
TOOLS: tuple[Tool, ...] = ("point", "box", "winding")
Meaning = Literal[
    "positive", "negative", "select or positive", "box", "winding", "not winding", "scribble", "not scribble"
]
_DRAGS: tuple[Meaning, ...] = ("box", "winding", "not winding", "scribble", "not scribble")
_IF_NOT_MOVED: dict[Meaning, Meaning] = {
    "winding": "select or positive",
    "not winding": "negative",
    "scribble": "select or positive",
    "not scribble": "negative",
}

GESTURES = (
    ("Left or middle click", "positive point; a left click on a prompt, or on a found object, selects it"),
    ("Ctrl + click", "negative point, with either button"),
    ("Left drag", "scribble over what is meant, with Ctrl over what is not"),
    ("Shift + middle drag", "bounding box; a new one replaces the old"),
    ("Left drag, tool Box", "bounding box as well"),
    ("Left drag, tool Winding", "line along a winding; with Ctrl the winding is taken away"),
)
"""What the mouse does to prompts, for the help of every front; what it does to a view is the host's."""

_CLICK_TOLERANCE_VIEW_PIXELS = 4.0
"""A choice: a hand moves so far in a click, and no drag is as short."""


@dataclass(frozen=True, eq=False)
class PointerEvent:
    """One mouse event in a slice view.

    Attributes
    ----------
    phase : str
        ``"press"``, ``"move"`` or ``"release"``.
    button : str
        ``"left"``, ``"middle"``, ``"right"``, or ``""`` for moves.
    slice_node : vtkMRMLSliceNode
        The view.
    world_ras : tuple of float
        Place in mm, RAS, on the view's plane.
    view_xy : tuple of float
        Place in the view in pixels of the window system, however many the screen has for each; tells a click from a
        drag, also where the view is panned under it.
    mm_per_pixel : float
        Size of such a pixel.
    """

    phase: Phase
    button: Button
    slice_node: slicer.vtkMRMLSliceNode
    world_ras: tuple[float, float, float]
    view_xy: tuple[float, float]
    shift: bool = False
    control: bool = False
    mm_per_pixel: float = 1.0


@dataclass(frozen=True, eq=False)
class Gesture:
    """A finished or growing gesture: what it means, where it began and is now, and the way in between."""

    meaning: Meaning
    start: PointerEvent
    now: PointerEvent
    finished: bool
    path: tuple[PointerEvent, ...] = ()


@dataclass
class GestureReader:
    """Turns mouse events into gestures.

    Attributes
    ----------
    tool : str
        ``"point"``, ``"box"`` or ``"winding"``: what the left button draws.
    """

    tool: Tool = "point"
    _press: PointerEvent | None = field(default=None, init=False)
    _path: list[PointerEvent] = field(default_factory=list, init=False)
    _moved: bool = field(default=False, init=False)

    def read(self, event: PointerEvent) -> tuple[Gesture | None, bool]:
        """The gesture that an event grows or ends, and whether the host must leave the event alone."""
        if event.phase == "press":
            return None, self._begin(event)
        if self._press is None:
            return None, False
        if event.phase == "move":
            return self._grow(event)
        return self._end(event) if event.button == self._press.button else (None, False)

    def cancel(self) -> bool:
        """Forget a gesture that has begun; False if there is none."""
        press, self._press = self._press, None
        return press is not None

    def _begin(self, event: PointerEvent) -> bool:
        self._press = event if _meaning(event, self.tool) else None
        self._moved = False
        self._path = [event]
        # a plain middle press stays with the host, whose drag is panning; it is a click only if nothing moved
        return self._press is not None and not _is_plain_middle(event)

    def _grow(self, event: PointerEvent) -> tuple[Gesture | None, bool]:
        assert self._press is not None
        self._moved = self._moved or _distance_view_pixels(self._press, event) > _CLICK_TOLERANCE_VIEW_PIXELS
        meaning = _meaning(self._press, self.tool)
        if meaning in _DRAGS and self._moved:
            self._path.append(event)
            return Gesture(meaning, self._press, event, finished=False, path=tuple(self._path)), True
        return None, not _is_plain_middle(self._press)

    def _end(self, event: PointerEvent) -> tuple[Gesture | None, bool]:
        press, self._press = self._press, None
        assert press is not None
        moved = self._moved or _distance_view_pixels(press, event) > _CLICK_TOLERANCE_VIEW_PIXELS
        meaning = _meaning(press, self.tool)
        consumed = not _is_plain_middle(press)
        if meaning is not None and not moved:
            meaning = _IF_NOT_MOVED.get(meaning, meaning)
        if meaning is None or (meaning in _DRAGS) != moved:
            return None, consumed
        return Gesture(meaning, press, event, finished=True, path=(*self._path, event)), consumed


def _meaning(press: PointerEvent, tool: Tool) -> Meaning | None:
    if press.button == "middle":
        if press.shift:
            return "box"
        return "negative" if press.control else "positive"
    if press.button == "left" and not press.shift:
        if tool == "winding":
            return "not winding" if press.control else "winding"
        if tool == "point":
            return "not scribble" if press.control else "scribble"
        return "negative" if press.control else "box"
    return None


def _is_plain_middle(press: PointerEvent) -> bool:
    return press.button == "middle" and not press.shift and not press.control


def _distance_view_pixels(first: PointerEvent, second: PointerEvent) -> float:
    return hypot(first.view_xy[0] - second.view_xy[0], first.view_xy[1] - second.view_xy[1])

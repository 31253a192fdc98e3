"""What gestures and keys do to a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...core.oblique_plane import Plane
from ...errors import StateError
from ..nodes.geometry import VolumeGeometry
from .pointer import Gesture, PointerEvent

if TYPE_CHECKING:
    from .session import Session

_PICK_TOLERANCE_VIEW_PIXELS = 9.0


def perform(session: Session, gesture: Gesture) -> None:
    """Do what a gesture in a slice view means.

    Raises
    ------
    StateError
        If there is no scan, or the gesture began outside it.
    """
    geometry = VolumeGeometry.of(session.require_volume())
    start = geometry.plane_at(gesture.start.slice_node, gesture.start.world_ras)
    if start is None:
        raise StateError("That place lies outside the scan.")
    x, y = geometry.pixel_of(start, gesture.start.world_ras)
    if gesture.meaning == "box":
        corner = geometry.pixel_of(start, gesture.now.world_ras)
        (session.set_box if gesture.finished else session.prompting.draw_box)(start, (x, y), corner)
    elif gesture.meaning in ("layer", "not layer"):
        _trace(session, start, gesture, geometry)
    elif gesture.meaning == "select or positive" and session.mode == "automatic":
        _select_object(session, gesture.start, geometry)
    elif gesture.meaning == "select or positive":
        _select_or_add(session, start, (x, y), gesture.start, geometry)
    else:
        session.add_point(start, x, y, gesture.meaning != "negative")


def _trace(session: Session, plane: Plane, gesture: Gesture, geometry: VolumeGeometry) -> None:
    path_xy = [geometry.pixel_of(plane, each.world_ras) for each in gesture.path]
    if gesture.finished:
        session.layers.trace(plane, path_xy, gesture.meaning == "layer")
    else:
        session.layers.draw(plane, path_xy)


def _select_object(session: Session, event: PointerEvent, geometry: VolumeGeometry) -> None:
    key = geometry.slice_at(event.slice_node, event.world_ras)
    if key is not None:
        session.automatic.select_at(key, *geometry.pixel_of(key, event.world_ras))


def _select_or_add(
    session: Session, key: Plane, at_xy: tuple[int, int], event: PointerEvent, geometry: VolumeGeometry
) -> None:
    x, y = at_xy
    within = max(1.0, _PICK_TOLERANCE_VIEW_PIXELS * event.mm_per_pixel / _pixel_mm(key, geometry))
    position = session.prompting.prompts_on(key).nearest(x, y, within)
    if position is None:
        session.add_point(key, x, y)
    else:
        session.prompting.select(key, position)


def _pixel_mm(key: Plane, geometry: VolumeGeometry) -> float:
    """The shorter side of a pixel of a slice."""
    return min(key.pixel_mm_xy(geometry.spacing_mm_ijk))


def _submit(session: Session) -> None:
    """Prompts come first; without any, objects that were found are meant."""
    if session.mode == "automatic" and not session.status.prompted_slices:
        session.automatic.submit()
    else:
        session.submit()


def _clear(session: Session) -> None:
    if session.mode == "automatic" and not session.status.prompted_slices:
        session.automatic.select(())
    else:
        session.prompting.delete_all()


KEYS: Mapping[str, Callable[[Session], None]] = {
    "Return": _submit,
    "Escape": _clear,
    "Ctrl+K": lambda session: session.prompting.delete_selected(),
    "Ctrl+Shift+K": lambda session: session.prompting.delete_all(),
    "Ctrl+Z": lambda session: session.undo(),
    "Ctrl+Y": lambda session: session.redo(),
    "Ctrl+Shift+Z": lambda session: session.redo(),
    "C": lambda session: session.prompting.next_candidate(),
    "W": lambda session: session.prompting.wait(not session.prompting.waits),
    "O": lambda session: session.layers.again(outwards=True),
    "I": lambda session: session.layers.again(outwards=False),
    "N": lambda session: session.step_class(1),
    "Shift+N": lambda session: session.step_class(-1),
}
"""What each key does."""

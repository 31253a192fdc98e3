"""What a mouse does in the slice views of the tests."""

from __future__ import annotations

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.session.gestures import PointerEvent
from RWTHSAMLib.mrml.session.session import Session

FIRST_I, STEP_I = 10, 4


def drag_along_row(
    session: Session, view, key: SliceKey, row: int, last_i: int, control: bool = False, finish: bool = True
) -> None:
    """With the left button along a row of a slice along k, from left to right; unfinished, the button stays down."""
    geometry = VolumeGeometry.of(session.volume_node)

    def event(phase: str, i: int) -> PointerEvent:
        button = "" if phase == "move" else "left"
        return PointerEvent(phase, button, view, geometry.ras_of((i, row, key.index)), (4.0 * i, 50.0), control=control)

    session.pointer(event("press", FIRST_I))
    for i in range(FIRST_I + STEP_I, last_i, STEP_I):
        session.pointer(event("move", i))
    if finish:
        session.pointer(event("release", last_i))

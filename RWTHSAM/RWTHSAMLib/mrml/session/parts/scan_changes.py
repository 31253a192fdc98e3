"""What a session does when its scan becomes another one under its hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import GeometryError, StateError
from ...nodes import segments
from ...nodes.geometry import VolumeGeometry
from ...nodes.scan_watch import ScanChange

if TYPE_CHECKING:
    from ..session import Session


def adapt(session: Session, change: ScanChange) -> None:
    """Forget what was computed from voxels that are gone, show the rest where the scan is now, and say so.

    Classes and the undo history stay: what is in a segmentation counts on the segmentation's own grid.
    """
    if not change.usable:
        _pause(session)
        session.changed()
    elif change.size:
        _begin_anew(session)
        session.remark(
            StateError("The scan has another size now: prompts, masks and found objects are dropped; classes stay.")
        )
    elif change.voxels:
        _forget_voxels(session)
        session.remark(
            StateError(
                "The grey values of the scan have changed: masks are computed anew, and objects that were found "
                "before are dropped."
            )
        )
    else:
        _follow_place(session, change)


def _pause(session: Session) -> None:
    """Nothing can be shown or computed."""
    session.ahead.leave_volume()
    session.prompting.hide()
    session.automatic.hide()
    session.propagation.hide()
    session.narrowing.leave_volume()


def _begin_anew(session: Session) -> None:
    """Slices, prompts and boxes of the old size mean nothing any more."""
    session.automatic.clear()
    session.propagation.leave_volume()
    session.rendering.leave_volume()
    session.narrowing.leave_volume()
    session.layers.leave_volume()
    session.ahead.leave_volume()
    session.prompting.leave_volume()
    session.prompting.begin(session.require_volume())


def _forget_voxels(session: Session) -> None:
    session.automatic.clear()
    session.propagation.leave_volume()
    session.narrowing.forget()
    session.layers.forget()
    session.ahead.forget()
    session.prompting.ask_again(forget=True)
    session.prompting.show_again()
    session.ahead.go_on()


def _follow_place(session: Session, change: ScanChange) -> None:
    had_objects = session.automatic.slices_done > 0
    if change.spacing:
        session.automatic.clear()
    session.automatic.show_again()
    session.prompting.show_again()
    session.propagation.show_again()
    session.narrowing.forget()
    if change.spacing and had_objects:
        session.remark(
            StateError(
                "The scan has another voxel size now: objects that were found were measured with the old one and are "
                "dropped. Look for them again."
            )
        )
    try:
        if session.segmentation_node is not None:
            segments.check_grid(session.segmentation_node, VolumeGeometry.of(session.require_volume()))
    except GeometryError as error:
        session.remark(error)
    session.changed()

"""What a session does when its scan becomes another one under its hands."""

from __future__ import annotations

from ...errors import GeometryError, StateError
from ..nodes import segments
from ..nodes.scan_watch import ScanChange
from ..nodes.volume_geometry import VolumeGeometry
from .workspace import Workspace


def adapt(workspace: Workspace, change: ScanChange) -> None:
    """Forget what was computed from voxels that are gone, show the rest where the scan is now, and say so.

    Classes and the undo history stay: what is in a segmentation counts on the segmentation's own grid.
    """
    if not change.usable:
        workspace.tell(lambda part: part.pause())
        workspace.changed()
    elif change.size:
        workspace.tell(lambda part: part.leave_volume(), last_first=True)
        workspace.tell(lambda part: part.begin_volume())
        workspace.remark(
            StateError("The scan has another size now: prompts, masks and found objects are dropped; classes stay.")
        )
    elif change.voxels:
        workspace.tell(lambda part: part.forget_voxels())
        workspace.remark(
            StateError(
                "The grey values of the scan have changed: masks are computed anew, and objects that were found "
                "before are dropped."
            )
        )
    else:
        workspace.tell(lambda part: part.follow_place(change.spacing))
        _check_grid(workspace)
        workspace.changed()


def _check_grid(workspace: Workspace) -> None:
    try:
        if workspace.segmentation_node is not None:
            segments.check_grid(workspace.segmentation_node, VolumeGeometry.of(workspace.require_volume()))
    except GeometryError as error:
        workspace.remark(error)

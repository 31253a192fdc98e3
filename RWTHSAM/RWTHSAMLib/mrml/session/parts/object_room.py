"""Whether memory has room for a propagated object of a scan that has none itself."""

from __future__ import annotations

from collections.abc import Mapping

from ....core.extent import union_of
from ....core.mask import Mask
from ....core.slices import Axis, SliceKey
from ....errors import StateError
from ....volumes.memory import usable_bytes
from ..workspace import Workspace

_SHARE_OF_MEMORY = 16
"""A choice: the box that shows an object is made twice as large as the object, and its masks take as much again."""


def has_room_for(workspace: Workspace, axis: Axis, masks: Mapping[int, Mask]) -> bool:
    """Whether an object can be shown; that of a scan in memory is no larger than the scan."""
    usable = usable_bytes()
    if workspace.on_disk is None or usable is None:
        return True
    box = union_of(SliceKey(axis, at).extent(each.bounds_xyxy) for at, each in masks.items() if not each.is_empty)
    return box is None or box.voxel_count <= usable // _SHARE_OF_MEMORY


def lack_of_room(workspace: Workspace) -> StateError | None:
    """What is said of an object that has become too large; None for a scan in memory."""
    if (on_disk := workspace.on_disk) is None:
        return None
    return StateError(
        "The object has become too large for memory and ends here: submit what was found of it, or download the prompt "
        f"history and follow it from the disk with rwthsam propagate {on_disk.finest_path} PROMPTS.json -o "
        "OBJECT.seg.nrrd."
    )

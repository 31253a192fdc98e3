"""The scan's voxel size, which a person may know better than its file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ....core.voxel_size import Spacing, checked_spacing, question_about
from ...nodes.rescaling import set_voxel_size
from ...nodes.volumes import UNIT_ATTRIBUTE
from ..edits import StateEdit
from ..part import SessionPart
from ..workspace import Workspace

_State = tuple[Spacing, bool]


class VoxelSize(SessionPart):
    """Shows and changes it; whatever is measured follows, and voxels of classes stay where they are by index.

    Parameters
    ----------
    workspace : Workspace

    Attributes
    ----------
    on_set : list of callable
        Called with the size in mm along i, j and k that a person has given, or taken back.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._is_believed = False
        self.on_set: list[Callable[[Spacing], None]] = []

    def begin_volume(self) -> None:
        """Nobody has said yet whether it is right."""
        self._is_believed = False

    @property
    def spacing_mm_ijk(self) -> Spacing | None:
        """Of the scan; None without one."""
        geometry = self._workspace.geometry
        return None if geometry is None else checked_spacing(geometry.spacing_mm_ijk)

    @property
    def question(self) -> str:
        """Why the size is doubtful, in a question; empty where it is plausible, was given, or was confirmed."""
        geometry = self._workspace.geometry
        if geometry is None or self._is_believed:
            return ""
        return question_about(geometry.spacing_mm_ijk, geometry.shape_kji)

    def believe(self) -> None:
        """Take the size as it is, and ask no more."""
        self._is_believed = True
        self._workspace.changed()

    def set(self, spacing_mm_ijk: Sequence[float]) -> None:
        """Give the scan another voxel size, as one undo step.

        Raises
        ------
        SettingsError
            If it is no voxel size.
        StateError
            If there is no scan.
        GeometryError
            If the segmentation does not lie on the scan's grid.
        """
        size, volume = checked_spacing(spacing_mm_ijk), self._workspace.require_volume()
        before = checked_spacing(volume.GetSpacing()), volume.GetAttribute(UNIT_ATTRIBUTE) != "0"
        text = f"Voxel size {' x '.join(f'{each:.4g}' for each in size)} mm"
        edit = StateEdit(text, self._give, before, (size, True))
        edit.redo()
        self._workspace.record(edit)

    def _give(self, state: _State) -> None:
        workspace, (size, unit_known) = self._workspace, state
        set_voxel_size(workspace.require_volume(), workspace.segmentation_node, size, unit_known)
        self._is_believed = True
        workspace.follow_scan()
        for listener in list(self.on_set):
            listener(size)

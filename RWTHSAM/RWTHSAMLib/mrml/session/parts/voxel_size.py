"""The scan's voxel size, which a person may know better than its file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ....core.voxel_size import Spacing, checked_spacing, question_about
from ....volumes.volume_data import note_about_spacing
from ...nodes.rescaling import set_voxel_size
from ...nodes.volumes import UNIT_ATTRIBUTE, notes_of
from ..edits import StateEdit
from ..part import SessionPart
from ..workspace import Workspace

_State = tuple[Spacing, bool, bool]
"""Along i, j and k, whether it is known, and whether a person gave it."""


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
        self._is_given = False
        self.on_set: list[Callable[[Spacing], None]] = []

    def begin_volume(self) -> None:
        """Nobody has said yet whether it is right."""
        self._is_believed = self._is_given = False

    @property
    def spacing_mm_ijk(self) -> Spacing | None:
        """Of the scan; None without one."""
        geometry = self._workspace.geometry
        return None if geometry is None else checked_spacing(geometry.spacing_mm_ijk)

    @property
    def given_mm_ijk(self) -> Spacing | None:
        """That size if a person gave it, now or before the scan was opened, instead of what its file says."""
        size, node = self.spacing_mm_ijk, self._workspace.volume_node
        if size is None or node is None:
            return None
        return size if self._is_given or note_about_spacing(size) in notes_of(node) else None

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
        self._workspace.check_in_memory(
            "Another voxel size", "give it once and for all with rwthsam convert {scan} OUT.ome.zarr --voxel-size"
        )
        size, volume = checked_spacing(spacing_mm_ijk), self._workspace.require_volume()
        before = checked_spacing(volume.GetSpacing()), volume.GetAttribute(UNIT_ATTRIBUTE) != "0", self._is_given
        text = f"Voxel size {' x '.join(f'{each:.4g}' for each in size)} mm"
        edit = StateEdit(text, self._give, before, (size, True, True))
        edit.redo()
        self._workspace.record(edit)

    def _give(self, state: _State) -> None:
        workspace, (size, unit_known, self._is_given) = self._workspace, state
        set_voxel_size(workspace.require_volume(), workspace.segmentation_node, size, unit_known)
        self._is_believed = True
        workspace.follow_scan()
        for listener in list(self.on_set):
            listener(size)

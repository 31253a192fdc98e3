"""The scan's voxel size, which a person may know better than its file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from ....core.voxel_size import GivenSize, Spacing, are_same, checked_spacing, question_about, size_text, told_size
from ....volumes.volume_data import note_about_spacing
from ...nodes.rescaling import set_voxel_size
from ...nodes.volumes import UNIT_ATTRIBUTE, notes_of
from ..edits import StateEdit
from ..part import SessionPart
from ..workspace import Workspace


class _State(NamedTuple):
    """How large a voxel is, whether that is known, who has given it, and whether it is asked about."""

    spacing_mm_ijk: Spacing
    unit_known: bool
    given: GivenSize | None = None
    is_believed: bool = False


class VoxelSize(SessionPart):
    """Shows and changes it; whatever is measured follows, and voxels of classes stay where they are by index.

    Parameters
    ----------
    workspace : Workspace

    Attributes
    ----------
    on_set : list of callable
        Called with the size that a person has given, or taken back, and when.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._is_believed = False
        self._given: GivenSize | None = None
        self._of_file: tuple[Spacing, bool] | None = None
        self.on_set: list[Callable[[GivenSize], None]] = []

    def begin_volume(self) -> None:
        """Nobody has said yet whether it is right; what the scan has is what its file says."""
        self._is_believed, self._given = False, None
        size = self.spacing_mm_ijk
        self._of_file = None if size is None else (size, self._is_unit_known)

    def comes_with(self, given: GivenSize, file_mm_ijk: Spacing, file_knows: bool, is_asked: bool = True) -> None:
        """Tell that the scan that was just chosen has a size that a person gave it before.

        Parameters
        ----------
        given : GivenSize
            What the scan has.
        file_mm_ijk : tuple of float
            What its file says.
        file_knows : bool
            Whether the file says so, or its voxels count as 1 mm for want of anything better.
        is_asked : bool
            Whether the person is to say if it still holds.
        """
        self._given, self._of_file = given, (checked_spacing(file_mm_ijk), file_knows)
        self._is_believed = not is_asked
        self._workspace.changed()

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
        return size if self._given is not None or note_about_spacing(size) in notes_of(node) else None

    @property
    def given(self) -> GivenSize | None:
        """What a person gave the scan; None where it has the size that its file says."""
        return self._given

    @property
    def told(self) -> str:
        """Who has given the size, when, and what the file says; empty where it is the file's."""
        if self._given is None or self._of_file is None:
            return ""
        return told_size(self._given, *self._of_file)

    @property
    def question(self) -> str:
        """Why a person should look at the size; empty where it is plausible, was given now, or was confirmed."""
        geometry = self._workspace.geometry
        if geometry is None or self._is_believed:
            return ""
        doubt = question_about(geometry.spacing_mm_ijk, geometry.shape_kji)
        return " ".join(each for each in (self.told, doubt) if each)

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
        size = checked_spacing(spacing_mm_ijk)
        is_of_file = self._of_file is not None and are_same(size, self._of_file[0]) and self._of_file[1]
        given = None if is_of_file else GivenSize(size, date.today())
        self._change(_State(size, True, given, True))

    def give_again(self, given: GivenSize) -> None:
        """Give the scan the size that it was given before, as one undo step, and ask whether it still holds."""
        self._change(_State(given.spacing_mm_ijk, True, given, False))

    def go_back_to_file(self) -> None:
        """Take what the file says, as one undo step; what was given before is forgotten."""
        if self._of_file is not None:
            self._change(_State(*self._of_file, None, False))

    @property
    def _is_unit_known(self) -> bool:
        return bool(self._workspace.require_volume().GetAttribute(UNIT_ATTRIBUTE) != "0")

    def _change(self, wanted: _State) -> None:
        """Do it, and record it.

        Raises
        ------
        StateError
            If there is no scan in memory.
        GeometryError
            If the segmentation does not lie on the scan's grid.
        """
        self._workspace.check_in_memory(
            "Another voxel size", "give it once and for all with rwthsam convert {scan} OUT.ome.zarr --voxel-size"
        )
        size = checked_spacing(self._workspace.require_volume().GetSpacing())
        before = _State(size, self._is_unit_known, self._given, self._is_believed)
        edit = StateEdit(f"Voxel size {size_text(wanted.spacing_mm_ijk)}", self._give, before, wanted)
        edit.redo()
        self._workspace.record(edit)

    def _give(self, state: _State) -> None:
        workspace = self._workspace
        set_voxel_size(workspace.require_volume(), workspace.segmentation_node, state.spacing_mm_ijk, state.unit_known)
        self._given, self._is_believed = state.given, state.is_believed
        workspace.follow_scan()
        for listener in list(self.on_set):
            listener(state.given or GivenSize(state.spacing_mm_ijk, date.today()))

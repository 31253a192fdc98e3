"""The scan's voxel size, which a person may know better than its file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from ....core.voxel_size import GivenSize, Spacing, are_same, checked_spacing, question_about, size_text, told_size
from ....volumes.volume_data import note_about_spacing
from ...nodes.volumes import UNIT_ATTRIBUTE, notes_of, volume_array_kji
from ...nodes.voxel_size import SizeOfScan, note_size, noted_size, set_voxel_size
from ..edits import StateEdit
from ..part import SessionPart
from ..voxel_size_memory import VoxelSizeMemory
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
        Called when a person has given a size, or has taken it back.
    is_remembered : bool
        Whether the size that is given to this scan is kept for the next time; true again with every scan.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._is_believed = False
        self._given: GivenSize | None = None
        self._of_file: tuple[Spacing, bool] | None = None
        self._memory: VoxelSizeMemory | None = None
        self._before: GivenSize | None = None
        self.on_set: list[Callable[[], None]] = []
        self.is_remembered = True

    def begin_volume(self) -> None:
        """Go on with what the scan knows of its size; by itself it has what its file says, and nobody said if right."""
        self._is_believed, self._given, self._before, self.is_remembered = False, None, None, True
        size = self.spacing_mm_ijk
        self._of_file = None if size is None else (size, self._is_unit_known)
        noted = None if size is None else noted_size(self._workspace.require_volume())
        if noted is not None:
            self._of_file = noted.of_file_mm_ijk, noted.file_knows
            self._given, self._is_believed = noted.given, noted.is_believed

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
            Whether the person is to say if it still holds; who has confirmed the number of the file is not asked again.
        """
        self._of_file = checked_spacing(file_mm_ijk), file_knows
        self._given = None if self._is_of_file(given.spacing_mm_ijk) else given
        self._is_believed = not is_asked or (given.is_confirmed and self._is_number_of_file(given))
        self._note()
        self._workspace.changed()

    # what was given before

    def remember_in(self, memory: VoxelSizeMemory) -> None:
        """Keep there what a person gives, and know from there what scans were given before."""
        self._memory = memory

    def known_of(self, array_kji: np.ndarray, spacing_mm_ijk: Sequence[float]) -> GivenSize | None:
        """A size that a scan was given before and does not have, or that was confirmed; None if there is none."""
        known = None if self._memory is None else self._memory.of(array_kji)
        if known is None or known.is_confirmed or not are_same(known.spacing_mm_ijk, spacing_mm_ijk):
            return known
        return None

    def look_up(self) -> None:
        """Find out which size the scan was given before, see `give_known`; a confirmed one is not asked about."""
        size, node = self.spacing_mm_ijk, self._workspace.volume_node
        known = None if size is None or node is None else self.known_of(volume_array_kji(node), size)
        self._before = None if known is None or self._has(known) else known
        if known is not None and self._before is None and self._is_number_of_file(known):
            self._is_believed = True
            self._note()

    @property
    def is_known_otherwise(self) -> bool:
        """Whether `look_up` has found a size that the scan does not have, or does not know to be right."""
        return self._before is not None

    def give_known(self) -> None:
        """Give the scan the size that `look_up` has found, as one undo step; say it, and ask whether it still holds.

        Raises
        ------
        StateError
            If the scan is not in memory.
        GeometryError
            If the segmentation does not lie on the scan's grid.
        """
        known, self._before = self._before, None
        if known is not None:
            given = None if self._is_of_file(known.spacing_mm_ijk) else known
            is_confirmed = known.is_confirmed and self._is_number_of_file(known)
            self._change(_State(known.spacing_mm_ijk, True, given, is_confirmed))
            size = size_text(known.spacing_mm_ijk)
            self._workspace.say(f"The voxels have the size that this scan was given before: {size}.")

    # what it is now

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
        """Take the size as it is, and ask no more; where the file does not know it, it counts as given from then on.

        Raises
        ------
        GeometryError
            If it was not known, and the segmentation does not lie on the scan's grid.
        """
        size = self.spacing_mm_ijk
        if size is not None and not self._is_unit_known and self._workspace.on_disk is None:
            self.set(size)
            return
        self._is_believed = True
        self._note()
        if size is not None and self._workspace.on_disk is None:
            self._remember(_State(size, True, self._given, True))
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
        given = None if self._is_of_file(size) else GivenSize(size, date.today())
        self._change(_State(size, True, given, True))

    def go_back_to_file(self) -> None:
        """Take what the file says, as one undo step; what was given before is forgotten."""
        if self._of_file is not None:
            self._change(_State(*self._of_file, None, False))

    @property
    def _is_unit_known(self) -> bool:
        return bool(self._workspace.require_volume().GetAttribute(UNIT_ATTRIBUTE) != "0")

    def _has(self, known: GivenSize) -> bool:
        size = self.spacing_mm_ijk
        return size is not None and self._is_unit_known and are_same(known.spacing_mm_ijk, size)

    def _is_of_file(self, size_mm_ijk: Spacing) -> bool:
        return self._of_file is not None and are_same(size_mm_ijk, self._of_file[0]) and self._of_file[1]

    def _is_number_of_file(self, known: GivenSize) -> bool:
        return self._of_file is not None and are_same(known.spacing_mm_ijk, self._of_file[0])

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
        self._note()
        workspace.follow_scan()
        self._remember(state)
        for listener in list(self.on_set):
            listener()

    def _remember(self, state: _State) -> None:
        if self._memory is not None and self.is_remembered:
            given = state.given or GivenSize(state.spacing_mm_ijk, date.today(), state.is_believed)
            self._memory.keep(volume_array_kji(self._workspace.require_volume()), given)

    def _note(self) -> None:
        if self._of_file is not None:
            note_size(self._workspace.require_volume(), SizeOfScan(*self._of_file, self._given, self._is_believed))

"""Voxel sizes that were given to scans before, here or on the page, by the voxels of the scan."""

from __future__ import annotations

import slicer

from ...core.voxel_size import GivenSize, are_same, size_text
from ...mrml.nodes import segments, volumes
from ...mrml.session.session import Session
from ...mrml.session.voxel_size_memory import VoxelSizeMemory


class VoxelSizes:
    """Remembers what a person gives, and gives it again to a scan that is chosen.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session, self._memory = session, VoxelSizeMemory.usual()
        self._known: GivenSize | None = None
        session.voxel_size.on_set.append(self._keep)

    def look_up(self) -> None:
        """Find out which size the chosen scan was given before."""
        now, node = self._session.voxel_size.spacing_mm_ijk, self._session.volume_node
        known = None
        if now is not None and node is not None:
            known = self._memory.of(volumes.volume_array_kji(node))
        self._known = None if known is None or now is None or are_same(known.spacing_mm_ijk, now) else known

    @property
    def are_known(self) -> bool:
        """Whether the scan was given another size before than it has."""
        return self._known is not None

    def give(self) -> None:
        """Give it to the scan, if it has another one: an undo step, and said.

        Raises
        ------
        GeometryError
            If the segmentation does not lie on the scan's grid.
        """
        known, self._known = self._known, None
        if known is not None:
            self._session.voxel_size.give_again(known)
            size = size_text(known.spacing_mm_ijk)
            self._session.workspace.say(f"The voxels have the size that this scan was given before: {size}.")

    def give_unless_it_fits(self, segmentation_node: slicer.vtkMRMLSegmentationNode) -> None:
        """Give it before a segmentation is chosen that does not lie on the scan as it is: it may do so then."""
        node = self._session.volume_node
        if node is not None and not segments.lies_on_volume(segmentation_node, node):
            self.give()

    def _keep(self, given: GivenSize) -> None:
        self._memory.keep(volumes.volume_array_kji(self._session.require_volume()), given)

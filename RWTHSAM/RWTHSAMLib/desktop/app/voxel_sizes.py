"""Voxel sizes that were given to scans before, here or on the page, by the voxels of the scan."""

from __future__ import annotations

from contextlib import suppress

import slicer

from ...core.voxel_size import Spacing
from ...errors import RwthSamError
from ...mrml.nodes import segments, volumes
from ...mrml.session.session import Session
from ...mrml.session.voxel_size_memory import VoxelSizeMemory
from ...volumes.fingerprint import fingerprint


class VoxelSizes:
    """Remembers what a person gives, and gives it again to a scan that is chosen.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session, self._memory = session, VoxelSizeMemory.usual()
        self._known: Spacing | None = None
        session.voxel_size.on_set.append(self._keep)

    def look_up(self) -> None:
        """Find out which size the chosen scan was given before."""
        now, node = self._session.voxel_size.spacing_mm_ijk, self._session.volume_node
        known = None
        if now is not None and node is not None:
            known = self._memory.of(fingerprint(volumes.volume_array_kji(node)))
        self._known = None if known == now else known

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
            self._session.voxel_size.set(known)
            size = " x ".join(f"{each:.4g}" for each in known)
            self._session.workspace.say(f"The voxels have the size that this scan was given before: {size} mm.")

    def give_unless_it_fits(self, segmentation_node: slicer.vtkMRMLSegmentationNode) -> None:
        """Give it before a segmentation is chosen that does not lie on the scan as it is: it may do so then."""
        node = self._session.volume_node
        if node is not None and not segments.lies_on_volume(segmentation_node, node):
            self.give()

    def _keep(self, spacing_mm_ijk: Spacing) -> None:
        array_kji = volumes.volume_array_kji(self._session.require_volume())
        with suppress(RwthSamError):  # what cannot be remembered is asked for again
            self._memory.keep(fingerprint(array_kji), spacing_mm_ijk)

"""Notices that a scan is no longer what it was: other voxels, another size, another place in the world.

Nodes are compared, not observed: a change is seen whoever made it and whether or not it was announced in between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import slicer

from ...errors import RwthSamError
from ...volumes.fingerprint import fingerprint
from .volume_geometry import VolumeGeometry
from .volumes import volume_array_kji


@dataclass(frozen=True)
class ScanChange:
    """In what a scan differs from what it was.

    Attributes
    ----------
    voxels : bool
        Other grey values, or another image.
    size : bool
        Another number of voxels along an axis.
    place : bool
        Other spacing, origin, directions or parent transforms.
    spacing : bool
        Voxels of another size in mm.
    usable : bool
        False at the moment when it has lost its image or its grid.
    """

    voxels: bool = False
    size: bool = False
    place: bool = False
    spacing: bool = False
    usable: bool = True

    @property
    def is_any(self) -> bool:
        """Whether there is any difference."""
        return self.voxels or self.size or self.place or not self.usable


@dataclass(frozen=True, eq=False)
class _Seen:
    """A scan at one moment."""

    geometry: VolumeGeometry
    stamp: tuple[object, ...]


class ScanWatch:
    """Compares a volume node with what it was when it was last looked at.

    Parameters
    ----------
    volume_node : vtkMRMLVolumeNode

    Attributes
    ----------
    version : int
        Counts how often the voxels have changed.
    problem : RwthSamError, optional
        Why nothing can be done on the scan at present: it has lost its image, or is under a warp.
    """

    def __init__(self, volume_node: slicer.vtkMRMLVolumeNode) -> None:
        self._node = volume_node
        self._seen: _Seen | None = None
        self._lattice = ""
        self.version = 0
        self.problem: RwthSamError | None = None
        self.look(closely=True)

    def look(self, closely: bool = False) -> ScanChange:
        """What has changed since the last time.

        Parameters
        ----------
        closely : bool
            Look at some of the voxels too: whoever writes into an array may not say so.
        """
        had_problem = self.problem is not None
        try:
            now, lattice = self._see(), _lattice_of(self._node) if closely else self._lattice
        except RwthSamError as error:
            self.problem = error
            return ScanChange(usable=had_problem)
        change = _difference(self._seen, now)
        if change.voxels and not closely:
            lattice = _lattice_of(self._node)
        if lattice != self._lattice:
            change = replace(change, voxels=True)
        self._seen, self._lattice, self.problem = now, lattice, None
        self.version += change.voxels
        # what was put aside while nothing could be done has to be shown again
        return replace(change, place=True) if had_problem else change

    def _see(self) -> _Seen:
        geometry, image = VolumeGeometry.of(self._node), self._node.GetImageData()
        return _Seen(geometry, (image.GetAddressAsString(""), image.GetMTime()))


def _difference(before: _Seen | None, now: _Seen) -> ScanChange:
    if before is None:
        return ScanChange(True, True, True, True)
    size = before.geometry.shape_kji != now.geometry.shape_kji
    voxels = size or before.stamp != now.stamp
    if not voxels and np.array_equal(before.geometry.ijk_to_ras, now.geometry.ijk_to_ras):
        return ScanChange()  # as nearly always, and a page looks many times a second
    spacings = before.geometry.spacing_mm_ijk, now.geometry.spacing_mm_ijk
    return ScanChange(
        voxels=voxels,
        size=size,
        place=not np.array_equal(before.geometry.ijk_to_ras, now.geometry.ijk_to_ras),
        spacing=not np.allclose(*spacings, rtol=1e-6, atol=0.0),
    )


def _lattice_of(volume_node: slicer.vtkMRMLVolumeNode) -> str:
    return fingerprint(volume_array_kji(volume_node))

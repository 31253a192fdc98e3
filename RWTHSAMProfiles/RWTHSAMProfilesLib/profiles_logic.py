"""What the panel needs of the module's logic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import slicer

from RWTHSAMLib.core.profile import SegmentationProfile
from RWTHSAMLib.mrml.nodes.profile_from_segmentation import AppliedProfile


class ProfilesLogic(Protocol):
    """See `RWTHSAMProfilesLogic`, which says what each of these does and raises."""

    def addProfile(self, profile: SegmentationProfile) -> slicer.vtkMRMLTextNode:
        """New node of the scene with a profile."""

    def profileNodes(self) -> Sequence[slicer.vtkMRMLTextNode]:
        """All profiles of the scene."""

    def openProfile(self, path: str) -> slicer.vtkMRMLTextNode:
        """New node with the profile of a file."""

    def saveProfile(self, node: slicer.vtkMRMLTextNode, path: str) -> None:
        """Write the profile of a node."""

    def pathOf(self, node: slicer.vtkMRMLTextNode) -> str | None:
        """The file that a profile was opened from or saved to last."""

    def templates(self) -> dict[str, Callable[[], SegmentationProfile]]:
        """What a new profile can begin as."""

    def profileFromSegmentation(self, segmentationNode: slicer.vtkMRMLSegmentationNode) -> slicer.vtkMRMLTextNode:
        """New node with one class per segment."""

    def createSegmentation(
        self, profileNode: slicer.vtkMRMLTextNode, volumeNode: slicer.vtkMRMLVolumeNode
    ) -> slicer.vtkMRMLSegmentationNode:
        """New segmentation on the voxel grid of a scan with an empty segment per class."""

    def applyProfile(
        self, profileNode: slicer.vtkMRMLTextNode, segmentationNode: slicer.vtkMRMLSegmentationNode
    ) -> AppliedProfile:
        """Give a segmentation the names, colors and locks of a profile."""

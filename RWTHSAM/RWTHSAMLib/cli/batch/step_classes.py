"""Classes that steps of a job name: whether they will be there is seen before work begins, wherever it can be known."""

from __future__ import annotations

import argparse
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...algorithms.quality.roles import ROLES
from ...core.profile import SegmentationProfile
from ...core.settings.threshold import ThresholdSettings
from ...errors import RwthSamError
from ...volumes.formats.kinds import is_ome_zarr
from ...volumes.lazy_segmentation import opened_segmentation
from ...volumes.ome_zarr.labels import open_labels
from .. import threshold_command
from ..options import given_settings
from ..reading import segments_of
from ..threshold_classes import named_classes

if TYPE_CHECKING:
    import slicer

_NAMING = ("classes", "region", "source", *ROLES)
"""Options that name classes of the segmentation that is worked on."""


class KnownClasses:
    """Classes of the segmentations that the steps for one scan make and work on, as far as they are known."""

    def __init__(self) -> None:
        self._made: dict[Path, SegmentationProfile | None] = {}

    @cached_property
    def _scene(self) -> slicer.vtkMRMLScene:
        from ...mrml.nodes.standalone import new_scene

        return new_scene()

    def check(self, module: Any, given: argparse.Namespace) -> None:
        """Raise `RwthSamError` if a step names a class that its segmentation is known not to have."""
        if hasattr(module, "check_classes") and any(getattr(given, each, None) for each in _NAMING):
            node = self._segments(given.segmentation)
            if node is not None:
                module.check_classes(given, node)

    def add(self, module: Any, given: argparse.Namespace, profile: SegmentationProfile | None) -> None:
        """A step will make a segmentation with the classes of a profile; None where they are not known yet."""
        if module is threshold_command:
            node = self._segments(given.segmentation)
            choices = given_settings(given, ThresholdSettings())
            profile = None if node is None else named_classes(node, given, choices)[0]
        self._made[given.output] = profile

    def _segments(self, path: Path) -> slicer.vtkMRMLSegmentationNode | None:
        """The segments of a segmentation, without voxels; None where they are not known before work begins."""
        if path not in self._made:
            return self._segments_of_file(path)
        profile = self._made[path]
        return None if profile is None else self._segments_of_profile(profile)

    def _segments_of_profile(self, profile: SegmentationProfile) -> slicer.vtkMRMLSegmentationNode:
        from ...mrml.nodes import segments

        node = self._scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        segments.take_classes(node, profile)
        return node

    def _segments_of_file(self, path: Path) -> slicer.vtkMRMLSegmentationNode | None:
        try:
            if is_ome_zarr(path) and not _names_labels(path):
                return None  # it would be read whole
            with opened_segmentation(path) as found:
                return None if found is None else segments_of(self._scene, found, path)
        except RwthSamError:
            return None  # the line of this scan says it, the others are done


def _names_labels(path: Path) -> bool:
    volume, named = open_labels(path)
    with volume:
        return bool(named)

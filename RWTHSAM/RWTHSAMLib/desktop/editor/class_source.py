"""Where the classes come from: a profile of the scene, or the segments themselves where none is chosen.

A segment that a person adds, renames or recolours in the Segment Editor is a change of the profile; a profile that is
edited elsewhere is a change of the segments. Both meet here, and no voxel changes in either case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import slicer
import vtk
from slicer.util import VTKObservationMixin

from ...core.profile import ProfileClass, SegmentationProfile
from ...errors import RwthSamError
from ...mrml.nodes import segments
from ...mrml.nodes.profile_from_segmentation import profile_from_segmentation
from ...mrml.nodes.profile_node import is_profile_node, profile_of, set_profile_of
from ...mrml.session.session import Session


class ClassSource(VTKObservationMixin):
    """Keeps the session's classes, the chosen profile and the segments equal.

    Parameters
    ----------
    session : Session
    wake : callable
        Called without arguments when `settle` has something to do.

    Attributes
    ----------
    problem : str
        Why the chosen profile cannot be used; empty while it can.
    """

    def __init__(self, session: Session, wake: Callable[[], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._session, self._wake = session, wake
        self._node: slicer.vtkMRMLTextNode | None = None
        self._watched: slicer.vtkSegmentation | None = None
        self._segments_changed = self._profile_changed = False
        self._agreed = session.profile  # what the chosen profile held last
        self.problem = ""
        session.on_change.append(self._watch)

    @property
    def node(self) -> slicer.vtkMRMLTextNode | None:
        """The chosen profile, or None where the segments are the classes."""
        return self._node

    def use(self, node: slicer.vtkMRMLTextNode | None) -> None:
        """Choose a profile of the scene, or none."""
        if node is self._node:
            return
        self.removeObservers(self._on_profile)
        self._node, self.problem = node, ""
        if node is not None:
            self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self._on_profile)
            self._take_profile()

    def profile_for(self, segmentation_node: slicer.vtkMRMLSegmentationNode | None) -> SegmentationProfile:
        """The profile to choose together with a segmentation."""
        present = self._session.profile
        if self._node is not None or segmentation_node is None or not segments.segment_ids(segmentation_node):
            return present
        return _with_classes_of(segmentation_node, present)

    def settle(self) -> None:
        """Do what recent changes ask for; called again and again, outside of any change."""
        if self._node is not None and not is_profile_node(self._node.GetScene() and self._node):
            self.use(None)
        if self._profile_changed:
            self._profile_changed = False
            self._take_profile()
        if self._segments_changed:
            self._segments_changed = False
            self._take_segments()
        self._keep_profile()

    def close(self) -> None:
        """Leave no observer behind."""
        self.removeObservers()
        self._node = self._watched = None

    def _take_profile(self) -> None:
        if self._node is None:
            return
        try:
            profile = profile_of(self._node)
        except RwthSamError as error:
            self.problem = str(error)
            return
        self.problem = ""
        self._agreed = profile
        if profile != self._session.profile:
            self._session.attempt(lambda: self._session.set_profile(profile))

    def _keep_profile(self) -> None:
        """Let the chosen profile hold what the session made of it: rules, settings, classes of single objects."""
        present = self._session.profile
        if self._node is not None and not self.problem and present != self._agreed:
            self._agreed = present
            set_profile_of(self._node, present)

    def _take_segments(self) -> None:
        node, present = self._session.segmentation_node, self._session.profile
        if node is None or not segments.segment_ids(node):
            return
        changed = _with_classes_of(node, present) if self._node is None else _renamed_by(node, present)
        if changed == present:
            return
        self._session.attempt(lambda: self._session.set_profile(changed))

    def _watch(self) -> None:
        node = self._session.segmentation_node
        segmentation = node.GetSegmentation() if node is not None else None
        if segmentation is self._watched:
            return
        self.removeObservers(self._on_segments)
        self._watched = segmentation
        if segmentation is not None:
            for event in (segmentation.SegmentAdded, segmentation.SegmentRemoved, segmentation.SegmentModified):
                self.addObserver(segmentation, event, self._on_segments)

    def _on_segments(self, _caller: object, _event: str) -> None:
        self._segments_changed = True
        self._wake()

    def _on_profile(self, _caller: object, _event: str) -> None:
        self._profile_changed = True
        self._wake()


def _with_classes_of(node: slicer.vtkMRMLSegmentationNode, present: SegmentationProfile) -> SegmentationProfile:
    """A profile whose classes are the segments, all of them."""
    try:
        found = profile_from_segmentation(node, present.name).classes
    except RwthSamError:
        return present  # more segments than a profile holds: the classes stay as they are
    ids = {each.id for each in found}
    rules = tuple(rule for rule in present.automatic.rules if rule.class_id in ids)
    plan = replace(present.automatic, rules=rules)
    return replace(present, classes=tuple(_with_extras(each, present) for each in found), automatic=plan)


def _renamed_by(node: slicer.vtkMRMLSegmentationNode, present: SegmentationProfile) -> SegmentationProfile:
    """The profile with what people changed in its segments, and with segments that are no class yet."""
    found = {each.id: each for each in _with_classes_of(node, present).classes}
    kept = tuple(found.pop(each.id, each) for each in present.classes)
    try:
        return replace(present, classes=(*kept, *found.values()))
    except RwthSamError:
        return present  # a name that another class has


def _with_extras(entry: ProfileClass, present: SegmentationProfile) -> ProfileClass:
    known = present.class_by_id(entry.id)
    return replace(entry, extras=known.extras) if known is not None else entry

"""Unsaved work of a Slicer or a page that has ended, taken up on its scan."""

from __future__ import annotations

import numpy as np
import slicer

from ...core.extent import Extent
from ...core.json_document import Node
from ...errors import InputError, ProjectError
from ...mrml.nodes import labelmaps, matrices, segments, volumes
from ...mrml.nodes.volume_geometry import VolumeGeometry
from ...mrml.session.session import Session
from ...record.project import Project, read_found
from ...record.unsaved_work import LeftWork
from ...volumes.fingerprint import fingerprint
from ...volumes.read import read_volume
from ...volumes.scan_of_project import as_in_project, has_other_values


def take_up(session: Session, left: LeftWork) -> None:
    """Let a session go on with left work.

    The scan of the scene that it was made on is used; where there is none, its file is read.

    Raises
    ------
    InputError
        If the scan is not there any more, or has another size, or a file cannot be read.
    """
    node = scan_in_scene(session, left.project)
    empty = _empty_segmentation(session)
    if node is None:
        _open_file(session, left)
    else:
        found = read_found(left.folder, left.project)
        _lay_as_before(node, left.project)
        session.projects.open_on(node, left.folder, left.project, found)
    if empty is not None and empty is not session.segmentation_node:
        session.scene.RemoveNode(empty)


def scan_in_scene(session: Session, project: Project) -> slicer.vtkMRMLVolumeNode | None:
    """The scan that a project is about, the chosen one first; None where the scene has it not."""
    every = session.scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    every.UnRegister(None)
    nodes = [every.GetItemAsObject(index) for index in range(every.GetNumberOfItems())]
    nodes.sort(key=lambda each: each is not session.volume_node)
    return next((each for each in nodes if _is_scan_of(each, project)), None)


def _is_scan_of(node: slicer.vtkMRMLVolumeNode, project: Project) -> bool:
    facts, image = project.scan.facts, node.GetImageData()
    if image is None or tuple(reversed(image.GetDimensions())) != facts.shape_kji:
        return False
    try:
        return fingerprint(volumes.volume_array_kji(node)) == facts.fingerprint
    except InputError:
        return False


def _lay_as_before(node: slicer.vtkMRMLVolumeNode, project: Project) -> None:
    """Give a scan the place and the size of voxels that the work had it with; under a transform it stays."""
    if node.GetParentTransformNode() is None and not np.allclose(
        VolumeGeometry.of(node).ijk_to_ras, project.scan.ijk_to_ras
    ):
        node.SetIJKToRASMatrix(matrices.to_vtk(project.scan.ijk_to_ras))


def _open_file(session: Session, left: LeftWork) -> None:
    places = left.project.scan.places(left.folder)
    place = left.project.scan.found(left.folder)
    if place is None:
        sought = ", ".join(f"'{each}'" for each in places) or "no file"
        raise ProjectError(
            f"The scan '{left.project.scan.facts.name}' of this work is not there any more (it was {sought}). Load it "
            "into the scene, choose it as input volume, and press Restore again."
        )
    data = as_in_project(read_volume(place), left.project.scan)
    found: dict[str, Node] = {} if has_other_values(data, left.project.scan) else read_found(left.folder, left.project)
    session.projects.open(left.folder, left.project, data, found)
    node = session.volume_node
    if node is not None and left.folder not in place.parents:
        node.SetAttribute(volumes.PATH_ATTRIBUTE, str(place))


def _empty_segmentation(session: Session) -> slicer.vtkMRMLSegmentationNode | None:
    """The session's segmentation, if it has no voxel and so nobody needs it any more."""
    node = session.segmentation_node
    if node is None:
        return None
    for segment_id in segments.segment_ids(node):
        labelmap = node.GetSegmentation().GetSegment(segment_id).GetRepresentation(labelmaps.BINARY_LABELMAP)
        extent: Extent | None = labelmaps.extent_of(labelmap)
        if extent is not None and labelmaps.segment_voxels_kji(node, segment_id, extent).any():
            return None
    return node

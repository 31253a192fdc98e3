"""A segmentation as plain values that belong to nobody else, so that it can be written while people work on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import slicer

from ...core.extent import Extent, union_of
from ...core.system.quiet import quiet_libraries
from ...errors import InputError
from ...volumes.formats.nrrd_header import read_header
from ...volumes.formats.segment_keys import NOWHERE, OFFSET_KEY, SegmentEntry, entries_of
from ...volumes.segmentation_file import SegmentationFile
from . import labelmaps, record_tag, segments

_TINY = Extent(0, 1, 0, 0, 0, 0)
"""Slicer takes a file of one voxel for one without any."""
_RECORD = "RWTHSAM-record-of-this-segmentation"
"""Stands for the record while Slicer writes: of tens of megabytes its writer and reader take their time."""
_GRID_TOLERANCE = 1e-6


def copied_segmentation(segmentation_node: slicer.vtkMRMLSegmentationNode) -> SegmentationFile | None:
    """What `write_segmentation_file` writes of a segmentation; takes as long as copying its voxels.

    Slicer's own writer names the segments, with all that they carry, in a file of two voxels; only the voxels and what
    depends on them come from here.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        With at least one segment.

    Returns
    -------
    SegmentationFile or None
        None where its labelmaps lie on different grids.

    Raises
    ------
    InputError
        If there is no room for that file.
    """
    segments.keep_unit(segmentation_node)
    layers = [(each, label_of) for each, label_of in labelmaps.layers_of(segmentation_node, None)]
    ijk_to_local = labelmaps.ijk_to_local_of(layers[0][0]) if layers else _reference_grid(segmentation_node)
    if any(not np.allclose(labelmaps.ijk_to_local_of(each), ijk_to_local, atol=_GRID_TOLERANCE) for each, _ in layers):
        return None
    extent = union_of(Extent(*each.GetExtent()) for each, _ in layers) or _TINY
    extent = _two_voxels(extent)
    places = {each: (layer, label) for layer, (_, of) in enumerate(layers) for each, label in of.items()}
    keys = _keys(segmentation_node, places, extent, [Extent(*each.GetExtent()) for each, _ in layers])
    shift = np.eye(4)
    shift[:3, 3] = extent.first_ijk
    arrays = tuple(_within(each, extent) for each, _ in layers) or (np.zeros(extent.shape_kji, np.uint8),)
    return SegmentationFile(arrays, ijk_to_local @ shift, entries_of(keys, Path()), keys, True, ())


def _keys(
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    places: Mapping[str, tuple[int, int]],
    extent: Extent,
    extents: list[Extent],
) -> dict[str, str]:
    """The header's words, with where each segment is in the file."""
    keys = dict(words_of_slicer(segmentation_node))
    first_i, first_j, first_k = extent.first_ijk
    keys[OFFSET_KEY] = f"{first_i} {first_j} {first_k}"
    for entry in entries_of(keys, Path()):
        # one without voxels gets a label that no voxel has
        layer, label = places.get(entry.id, (0, _free_label(places, entry)))
        own = extents[layer] if entry.id in places else None
        keys[f"Segment{entry.number}_Layer"], keys[f"Segment{entry.number}_LabelValue"] = str(layer), str(label)
        keys[f"Segment{entry.number}_Extent"] = NOWHERE if own is None else _within_file(own, extent)
    return keys


def _free_label(places: Mapping[str, tuple[int, int]], entry: SegmentEntry) -> int:
    return max([label for _, label in places.values()], default=0) + 1 + entry.number


def _within_file(own: Extent, extent: Extent) -> str:
    first = extent.first_ijk
    return " ".join(str(own[side] - first[side // 2]) for side in range(6))


def words_of_slicer(segmentation_node: slicer.vtkMRMLSegmentationNode) -> Mapping[str, str]:
    """What Slicer writes of these segments where none has a voxel worth mentioning."""
    light = slicer.vtkMRMLSegmentationNode()
    source, target = segmentation_node.GetSegmentation(), light.GetSegmentation()
    target.SetSourceRepresentationName(labelmaps.BINARY_LABELMAP)
    target.CopyConversionParameters(source)
    records: list[str] = []
    labelmap = labelmaps.oriented_image(np.ones(_TINY.shape_kji, np.uint8), _TINY, np.eye(4))
    for number, segment_id in enumerate(segments.segment_ids(segmentation_node), start=1):
        segment = slicer.vtkSegment()
        segment.DeepCopyMetadata(source.GetSegment(segment_id))
        if record := record_tag.packed_in(segment):
            record_tag.put(segment, _RECORD)
            records.append(record)
        segment.AddRepresentation(labelmaps.BINARY_LABELMAP, labelmap)
        segment.SetLabelValue(number)
        target.AddSegment(segment, segment_id)
    with TemporaryDirectory(prefix="rwthsam-") as folder, quiet_libraries():
        path = Path(folder) / "words.seg.nrrd"
        storage = slicer.vtkMRMLSegmentationStorageNode()
        storage.SetCropToMinimumExtent(True)  # else it fills an image as large as the whole scan
        storage.SetFileName(str(path))
        if not storage.WriteData(light):
            raise InputError("The segmentation could not be copied: check that the disk has free space.")
        keys = read_header(path).keys
    for record in records:  # there is one, if any
        keys = {key: text.replace(_RECORD, record) for key, text in keys.items()}
    return keys


def _reference_grid(segmentation_node: slicer.vtkMRMLSegmentationNode) -> np.ndarray:
    name = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    image = slicer.vtkOrientedImageData()
    geometry = segmentation_node.GetSegmentation().GetConversionParameter(name)
    if geometry and slicer.vtkSegmentationConverter.DeserializeImageGeometry(geometry, image, False):
        return labelmaps.ijk_to_local_of(image)
    return np.eye(4)


def _two_voxels(extent: Extent) -> Extent:
    if extent.shape_kji != (1, 1, 1):
        return extent
    i, _, j, _, k, _ = extent
    return Extent(i, i + 1, j, j, k, k)


def _within(labelmap: slicer.vtkOrientedImageData, extent: Extent) -> np.ndarray:
    own = Extent(*labelmap.GetExtent())
    labels = labelmaps.labels_kji(labelmap)
    if own == extent:
        copy: np.ndarray = labels.copy()
        return copy
    whole: np.ndarray = np.zeros(extent.shape_kji, labels.dtype)
    whole[own.slices_kji(extent.first_ijk)] = labels
    return whole

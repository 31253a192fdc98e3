"""Submitting a slice's mask writes its extent only: against writing the whole labelmap of a 512^3 segmentation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import slicer
from bench_models import Bench
from timing import Row, in_turn

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.profile import default_profile
from RWTHSAMLib.mrml.nodes import labelmaps, segments
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter
from RWTHSAMLib.volumes.volume_data import VolumeData

SIDE = 512
WHOLE = Extent.of_shape((SIDE, SIDE, SIDE))


def rows(bench: Bench) -> Iterator[Row]:
    scene, profile = new_scene(), default_profile()
    volume = add_volume(scene, VolumeData(np.zeros((SIDE,) * 3, np.uint8), np.eye(4), "scan", True))
    node = segments.create_segmentation(scene, volume, profile)
    ids = segments.segment_ids(node)
    logic, whole = slicer.vtkSlicerSegmentationsModuleLogic, a_cylinder()
    matrix = segments.ijk_to_local(node, VolumeGeometry.of(volume))
    writer = SegmentWriter(node, volume)
    mask, steps = np.ones((1, 200, 200), bool), iter(range(1000))

    def write_all() -> None:
        image = labelmaps.oriented_image(whole, WHOLE, matrix)
        logic.SetBinaryLabelmapToSegment(image, node, ids[0], logic.MODE_REPLACE, WHOLE, False, [])

    def submit() -> None:
        k = next(steps) % SIDE
        writer.submit(ids[1], mask, Extent(150, 349, 150, 349, k, k))

    times = in_turn(write_all, submit, bench.repeats(8))
    note = "SetBinaryLabelmapToSegment of all 512^3 voxels | SegmentWriter.submit of a 200 x 200 mask, undoable"
    yield Row("submit into 512^3", *times, 50.0, note)


def a_cylinder() -> np.ndarray:
    """uint8 labels that fill most of the volume."""
    y, x = np.ogrid[:SIDE, :SIDE]
    disc = (y - SIDE / 2) ** 2 + (x - SIDE / 2) ** 2 < (SIDE * 0.45) ** 2
    return np.repeat(disc[None].astype(np.uint8), SIDE, axis=0)

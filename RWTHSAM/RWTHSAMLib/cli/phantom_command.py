"""``rwthsam phantom``: a made-up battery scan with its true labels."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ..volumes.phantom.cell import DEFAULT_SHAPE_KJI, PHANTOMS, Phantom
from ..volumes.volume_data import VolumeData, upright_grid
from ..volumes.write import check_ending, write_volume
from .options import Commands, require
from .outputs import check_outputs

_SEGMENTATION = ".seg.nrrd"


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("phantom", help="make a battery phantom: a scan and its true labels")
    parser.add_argument("output", type=Path, metavar="OUT.nrrd", help="also .nii.gz, .nii and .mha")
    parser.add_argument("--kind", choices=sorted(PHANTOMS), default="cylindrical", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another cell for each; default: %(default)s")
    parser.add_argument(
        "--shape", type=int, nargs=3, default=DEFAULT_SHAPE_KJI, metavar=("K", "J", "I"), help="default: 96 256 256"
    )
    parser.add_argument("--labels", type=Path, metavar="LABELS", help=".seg.nrrd for Slicer, or a volume as OUT")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Make the phantom and write it."""
    _check_outputs(given.output, given.labels)
    phantom = PHANTOMS[given.kind](tuple(given.shape), given.seed)
    write_volume(phantom.volume(), given.output)
    spacing = " x ".join(f"{each:.4g}" for each in phantom.spacing_mm)
    print(f"{given.output}: {given.kind} cell, seed {given.seed}, spacing (i, j, k) {spacing} mm")
    if given.labels is not None:
        _write_labels(phantom, given.labels)
        counts = np.bincount(phantom.labels_kji.ravel(), minlength=len(phantom.class_names) + 1)
        for value, name in enumerate(phantom.class_names, start=1):
            print(f"  {value}  {name}: {counts[value]} voxels")
    return 0


def _check_outputs(output: Path, labels: Path | None) -> None:
    check_ending(output)
    if labels is not None and not labels.name.lower().endswith(_SEGMENTATION):
        check_ending(labels)
    check_outputs((output, labels))
    if labels is not None and labels.name.lower().endswith(_SEGMENTATION):
        require("slicer", "Writing .seg.nrrd", "scene")


def _write_labels(phantom: Phantom, path: Path) -> None:
    if not path.name.lower().endswith(_SEGMENTATION):
        write_volume(VolumeData(phantom.labels_kji, upright_grid(phantom.spacing_mm), "labels", True), path)
        return
    from ..mrml.nodes import segments, storage
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.nodes.volume_geometry import VolumeGeometry
    from ..mrml.nodes.volumes import add_volume
    from ..mrml.nodes.writing import SegmentWriter

    scene = new_scene()
    volume_node = add_volume(scene, phantom.volume())
    node = segments.create_segmentation(scene, volume_node, phantom.profile)
    writer = SegmentWriter(node, volume_node)
    extent = VolumeGeometry.of(volume_node).extent
    for entry in phantom.profile.classes:
        segment_id = segments.segment_id_of_class(node, entry.id)
        if segment_id is not None:
            writer.add(segment_id, phantom.mask_kji(entry.name), extent, overwritable=())
    storage.save_segmentation(node, path)

"""``rwthsam auto``: find masks in slices, link them to instances, write them as segments and as a table."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..atomic_file import replacing
from ..automatic.generator import automatic_masks
from ..automatic.judgement import Judgement, judge
from ..automatic.linking import Instance, linked
from ..automatic.point_order import MODES
from ..automatic.records import MaskRecord
from ..automatic_settings import PRESETS, AutomaticSettings, read_settings
from ..errors import SettingsError, VolumeError
from ..image import SliceImage, Window, propose_window
from ..inference.engine import SamEngine
from ..profile import MAX_CLASSES, profile_of_names
from ..slices import ARRAY_AXIS, SliceKey
from ..volume.read import VolumeData, read_volume
from .options import Commands, note, require

DEFAULT_MODEL = "mobile_sam_vit_t"
_SEGMENTATION = ".seg.nrrd"
_COLUMNS = [
    "instance",
    "slice_axis",
    "slice_index",
    "area_pixels",
    "mean_grey",
    "contrast",
    "edge_gradient",
    "image_share",
    "doubtful",
    "predicted_iou",
    "stability_score",
    "x_min",
    "y_min",
    "x_max",
    "y_max",
]


@dataclass(frozen=True, eq=False)
class FoundMask:
    """A mask of one slice with what the grey values say about it."""

    key: SliceKey
    record: MaskRecord
    judgement: Judgement


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("auto", help="find masks without prompts and link them to objects")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="NRRD, NIfTI, MetaImage, TIFF, PNG, or a folder")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.seg.nrrd")
    parser.add_argument("--csv", type=Path, metavar="OUT.csv", help="a row for each mask; default: beside the output")
    parser.add_argument("--axis", choices=("k", "j", "i"), default="k", help="slices along it; default: %(default)s")
    parser.add_argument("--range", type=int, nargs=2, metavar=("FIRST", "LAST"), help="slices; default: all")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="default")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="JSON with SAM's settings; instead of a preset")
    parser.add_argument("--mode", choices=MODES, default="adaptive", help="default: %(default)s")
    parser.add_argument("--min-slices", type=int, default=1, metavar="N", help="shorter objects are left out")
    parser.add_argument("--keep-doubtful", action="store_true", help="also masks that hardly differ from around them")
    parser.add_argument("--window", type=float, nargs=2, metavar=("LO", "HI"), help="default: a proposal")
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help="default: %(default)s")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="default: RWTHSAM_WEIGHTS or the cache folder")
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Find, link and write; everything that can be wrong is checked before the network is loaded."""
    if not given.output.name.endswith(_SEGMENTATION):
        raise VolumeError(f"The output is a segmentation and ends in '{_SEGMENTATION}', not '{given.output.name}'.")
    require("slicer", "Writing .seg.nrrd", "scene")
    settings = read_settings(given.settings) if given.settings else PRESETS[given.preset]
    data = read_volume(given.volume)
    keys = _keys(given, data)
    window = Window(*given.window) if given.window else propose_window(data.array_kji)
    note(f"Window {window.lower:g} .. {window.upper:g}")
    engine = SamEngine.load(given.model, given.weights, device=given.device)
    note(engine.description)
    found = [_masks_of(engine, data, key, window, settings, given) for key in keys]
    instances = linked(
        [[each.record.mask for each in slice_masks] for slice_masks in found], min_slices=given.min_slices
    )
    _write_table(given.csv or _beside(given.output), found, instances)
    if instances:
        _write_segments(given.output, data, found, instances[:MAX_CLASSES])
        print(given.output)
    else:
        note("No masks were found: loosen pred_iou_thresh or stability_score_thresh, or set another window.")
    print(f"{len(instances)} objects in {len(keys)} slices")
    return 0


def _keys(given: argparse.Namespace, data: VolumeData) -> list[SliceKey]:
    count = data.array_kji.shape[ARRAY_AXIS[given.axis]]
    first, last = given.range or (0, count - 1)
    if not 0 <= first <= last < count:
        raise SettingsError(f"--range: expected two slices from 0 to {count - 1}, got {first} {last}.")
    return [SliceKey(given.axis, index) for index in range(first, last + 1)]


def _masks_of(
    engine: SamEngine,
    data: VolumeData,
    key: SliceKey,
    window: Window,
    settings: AutomaticSettings,
    given: argparse.Namespace,
) -> list[FoundMask]:
    values = key.take(data.array_kji)
    records = automatic_masks(engine, SliceImage.from_values(values, window), settings, given.mode)
    grey = values if values.ndim == 2 else values.mean(axis=2)
    found = [FoundMask(key, each, judge(each.mask, grey)) for each in records]
    kept = [each for each in found if given.keep_doubtful or not each.judgement.is_doubtful]
    note(f"{key.axis} = {key.index}: {len(kept)} masks, {len(found) - len(kept)} doubtful")
    return kept


def _write_table(path: Path, found: Sequence[Sequence[FoundMask]], instances: Sequence[Instance]) -> None:
    with replacing(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(_COLUMNS)
        for number, instance in enumerate(instances, 1):
            rows.writerows(_row(number, found[position][mask]) for position, mask in instance.masks)


def _row(number: int, found: FoundMask) -> list[object]:
    judged, record = found.judgement, found.record
    numbers = (judged.mean_grey, judged.contrast, judged.edge_gradient, judged.image_share)
    scores = (record.predicted_iou, record.stability_score)
    return [
        number,
        found.key.axis,
        found.key.index,
        record.mask.area,
        *(f"{each:.6g}" for each in numbers),
        int(judged.is_doubtful),
        *(f"{each:.4f}" for each in scores),
        *record.mask.bounds_xyxy,
    ]


def _write_segments(
    output: Path, data: VolumeData, found: Sequence[Sequence[FoundMask]], instances: Sequence[Instance]
) -> None:
    """One segment for each instance; where they overlap, the smaller one has the voxel."""
    from ..scene import segments, storage
    from ..scene.geometry import VolumeGeometry
    from ..scene.standalone import new_scene
    from ..scene.volumes import add_volume
    from ..scene.writing import SegmentWriter

    labels_kji = _labels(data.array_kji.shape[:3], found, instances)
    scene = new_scene()
    volume_node = add_volume(scene, data)
    profile = profile_of_names("Automatic masks", [f"Object {number}" for number in range(1, len(instances) + 1)])
    node = segments.create_segmentation(scene, volume_node, profile)
    writer = SegmentWriter(node, volume_node)
    extent = segments.whole_extent(VolumeGeometry.of(volume_node))
    for number, entry in enumerate(profile.classes, 1):
        segment_id = segments.segment_id_of_class(node, entry.id)
        if segment_id is not None:
            writer.add(segment_id, labels_kji == number, extent, overwritable=())
    storage.save_segmentation(node, output)


def _labels(
    shape_kji: Sequence[int], found: Sequence[Sequence[FoundMask]], instances: Sequence[Instance]
) -> np.ndarray:
    volume = [sum(found[p][m].record.mask.area for p, m in instance.masks) for instance in instances]
    labels = np.zeros(tuple(shape_kji), np.uint8)
    for number in sorted(range(len(instances)), key=lambda each: -volume[each]):
        for position, mask in instances[number].masks:
            each = found[position][mask]
            view = each.key.take(labels)
            view[each.record.mask.to_array()] = number + 1
    return labels


def _beside(output: Path) -> Path:
    return output.with_name(output.name.removesuffix(_SEGMENTATION) + ".csv")

"""``rwthsam propagate``: recorded prompts on some slices become objects through the volume."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..algorithms.propagation import table
from ..algorithms.propagation.in_volume import propagation_in
from ..algorithms.propagation.meeting import united
from ..algorithms.propagation.seed import nothing_seen, shows_something
from ..algorithms.propagation.tracks import PropagatedObject
from ..algorithms.windings.answer import answer
from ..core.image import SliceImage
from ..core.mask import Mask, PackedMask
from ..core.oblique_plane import ObliquePlane
from ..core.overwriting import Overwriting
from ..core.profile import SegmentationProfile
from ..core.settings.propagation import PropagationSettings
from ..core.settings.propagation_run import PropagationRunSettings
from ..core.slices import ARRAY_AXIS, AXES, Axis, SliceKey, Voxels
from ..core.system.csv_file import write_rows
from ..core.window import Window
from ..errors import PromptError, SettingsError
from ..record.record_file import SegmentationRecord
from ..record.steps import Keyframe, MadeWith, PromptedSlice, RecordedPropagation, made_by
from ..volumes.lazy_volume import block_bytes
from ..volumes.scan import Scan, unpacked, voxels_of
from . import class_writing
from .class_writing import ClassPainter, FoundClass
from .options import Commands, add_settings, check_output, given_settings, note, require
from .outputs import table_beside
from .recorded import Engines, add_options, facts_of_scan, made_now, read_recorded, scan_for, with_window

if TYPE_CHECKING:
    from ..inference.engine import SamEngine

Keyframes = dict[str, dict[SliceKey, Mask]]
COLUMNS = ("class", *table.COLUMNS)


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("propagate", help="let objects that are prompted on some slices go through the volume")
    add_options(parser)
    parser.add_argument("--csv", type=Path, metavar="OUT.csv", help="a row for each slice; default: OUT-slices.csv")
    parser.add_argument("--range", type=int, nargs=2, metavar=("FIRST", "LAST"), help="slices; default: all")
    class_writing.add_options(parser)
    rules = parser.add_argument_group("when an object ends")
    add_settings(rules, PropagationSettings)
    parser.set_defaults(run=run)


def check(given: argparse.Namespace) -> Path:
    """Raise `RwthSamError` for what can be known to be wrong before anything is read; returns the table's place."""
    check_output(given.output)
    inputs = (given.volume, given.prompts, given.profile, given.weights)
    table_path = table_beside(given.output, given.csv, "-slices.csv", COLUMNS, inputs)
    given_settings(given, PropagationSettings())
    require("slicer", "Writing .seg.nrrd", "scene")
    return table_path


def check_recorded(given: argparse.Namespace, recorded: SegmentationRecord, profile: SegmentationProfile) -> None:
    """Raise `RwthSamError` where the prompts cannot be propagated as asked; the scan is not looked at."""
    class_writing.ordered(_axis_of_classes(recorded), given.order, profile)
    class_writing.overwriting_of(given.overwrite, profile)


def run(given: argparse.Namespace) -> int:
    """Propagate and write; everything that can be wrong is checked before the network is loaded."""
    csv_path = check(given)
    recorded, profile = read_recorded(given)
    _say_what_is_left_out(recorded, given.prompts)
    axes = _axis_of_classes(recorded)
    order = class_writing.ordered(axes, given.order, profile)
    overwriting = class_writing.overwriting_of(given.overwrite, profile)
    with scan_for(given.volume, recorded, given.voxel_size) as (scan, recorded):
        recorded = with_window(given, recorded, profile, scan)
        spans = {class_id: _span(given, recorded, class_id, axes[class_id], scan) for class_id in order}
        rules = _rules_of_axes(given_settings(given, PropagationSettings()), scan)
        engines = Engines(given)
        engine, window = engines(recorded.made_with), recorded.made_with.window
        assert window is not None
        with unpacked(scan, given.output.parent) as quick:
            voxels = voxels_of(quick)
            keyframes = _masks(engines, voxels, recorded)
            found = {
                class_id: _propagate(
                    engine, voxels, window, axes[class_id], spans[class_id], keyframes[class_id], rules[axes[class_id]]
                )
                for class_id in order
            }
        runs = {
            class_id: PropagationRunSettings(rules[axes[class_id]], first=first, last=last)
            for class_id, (first, last) in spans.items()
        }
        classes = [
            FoundClass(_step(recorded, each, axes[each], keyframes[each], runs[each]), _placed(found[each], axes[each]))
            for each in order
        ]
        counts = _write_segments(given.output, scan, profile, classes, overwriting, made_now(engine, window))
    _write_table(csv_path, profile, axes, found, keyframes)
    for class_id, each in found.items():
        _report(profile.require_class(class_id).name, axes[class_id], each, counts[class_id])
    print(given.output)
    return 0


def _rules_of_axes(rules: PropagationSettings, scan: Scan) -> dict[Axis, PropagationSettings]:
    return {axis: rules.resolved(scan.grid.slice_step(axis)) for axis in AXES}


def _say_what_is_left_out(recorded: SegmentationRecord, prompt_file: Path) -> None:
    """Propagated objects and masks that were kept voxel by voxel are nothing to begin with; nor is what a brush did."""
    left_out = len(recorded.steps) - len(recorded.slices)
    if not recorded.slices:
        raise PromptError(
            f"'{prompt_file}': expected a slice with prompts, an object goes on from there; got steps of other kinds "
            f"only ({left_out}). 'rwthsam segment' replays them."
        )
    if left_out:
        steps = "1 step that is" if left_out == 1 else f"{left_out} steps that are"
        note(
            f"{steps} no prompts on a slice, such as a propagated object: left out here; 'rwthsam segment' replays all."
        )


def _axis_of_classes(recorded: SegmentationRecord) -> dict[str, Axis]:
    axes: dict[str, Axis] = {}
    for each in recorded.slices:
        axis = _slice_of(each).axis
        if axes.setdefault(each.class_id, axis) != axis:
            raise PromptError(
                f"Class '{each.class_id}' is prompted on slices along {axes[each.class_id]} and {axis}: "
                "an object is propagated along one axis, so keep the prompts of one."
            )
    return axes


def _slice_of(prompted: PromptedSlice) -> SliceKey:
    if isinstance(prompted.slice, ObliquePlane):
        raise PromptError(
            f"Class '{prompted.class_id}' is prompted on an oblique plane: objects are propagated along i, j or k, "
            "so prompt it on a slice."
        )
    return prompted.slice


def _span(
    given: argparse.Namespace, recorded: SegmentationRecord, class_id: str, axis: Axis, scan: Scan
) -> tuple[int, int]:
    count = scan.array_kji.shape[ARRAY_AXIS[axis]]
    first, last = given.range or (0, count - 1)
    prompted = [_slice_of(each).index for each in recorded.slices if each.class_id == class_id]
    if not 0 <= first <= min(prompted) <= max(prompted) <= last < count:
        raise SettingsError(
            f"--range: expected slices from 0 to {count - 1} around the prompted ones of class '{class_id}' "
            f"({', '.join(map(str, sorted(prompted)))}), got {first} {last}."
        )
    return first, last


def _masks(engines: Engines, voxels: Voxels, recorded: SegmentationRecord) -> Keyframes:
    """Masks of the prompts by class and slice, each as it was made; several on one slice are one."""
    keyframes: Keyframes = {}
    for each in recorded.slices:
        key, made_with = _slice_of(each), made_by(each, recorded.made_with)
        key.check_inside(voxels.shape)
        picture = SliceImage.of_scan(key.take(voxels), made_with.window)
        if not shows_something(picture):  # whatever mask comes, nobody has looked at it
            raise nothing_seen([key.index])
        mask = answer(engines(made_with), picture, each.prompts).best.mask
        of_class = keyframes.setdefault(each.class_id, {})
        of_class[key] = united(of_class[key], mask) if key in of_class else mask
    return keyframes


def _step(
    recorded: SegmentationRecord,
    class_id: str,
    axis: Axis,
    keyframes: Mapping[SliceKey, Mask],
    settings: PropagationRunSettings,
) -> RecordedPropagation:
    return RecordedPropagation(axis, _recorded_keyframes(recorded, class_id, keyframes), settings, class_id)


def _recorded_keyframes(
    recorded: SegmentationRecord, class_id: str, masks: Mapping[SliceKey, Mask]
) -> tuple[Keyframe, ...]:
    """What the object came from: a slice's prompts, or its mask where no replay of prompts would make it.

    That is where several prompts were put together, and where the mask was made through another window, or by another
    model, than the object is followed with.
    """
    prompts = [each for each in recorded.slices if each.class_id == class_id]
    keyframes = []
    for key in sorted(masks, key=lambda each: each.index):
        own = [each for each in prompts if each.slice == key]
        if len(own) == 1 and _is_made_alike(own[0], recorded.made_with):
            keyframes.append(Keyframe(key.index, prompts=own[0].prompts))
        else:
            keyframes.append(Keyframe(key.index, mask=PackedMask.of(masks[key])))
    return tuple(keyframes)


def _is_made_alike(prompted: PromptedSlice, made_with: MadeWith) -> bool:
    own = made_by(prompted, made_with)
    return (own.window, own.model) == (made_with.window, made_with.model)


def _placed(found: PropagatedObject, axis: Axis) -> list[tuple[SliceKey, Mask]]:
    return [(SliceKey(axis, each.index), each.mask) for each in found.slices if not each.mask.is_empty]


def _propagate(
    engine: SamEngine,
    voxels: Voxels,
    window: Window,
    axis: Axis,
    span: tuple[int, int],
    masks: Mapping[SliceKey, Mask],
    rules: PropagationSettings,
) -> PropagatedObject:
    on_step, on_step_back = partial(_say_step, axis), partial(_say_step_back, axis)
    propagation = propagation_in(voxels, axis, engine, window, rules, on_step, on_step_back)
    limits = PropagationRunSettings(first=span[0], last=span[1]).limits(voxels.shape[ARRAY_AXIS[axis]])
    return propagation.run({key.index: mask for key, mask in masks.items()}, *span, limits)


def _say_step(axis: Axis, index: int) -> None:
    note(f"slice {axis} = {index}")


def _say_step_back(axis: Axis, index: int) -> None:
    note(f"checking the way back: slice {axis} = {index}")


def _write_segments(
    output: Path,
    scan: Scan,
    profile: SegmentationProfile,
    found: Sequence[FoundClass],
    overwriting: Overwriting,
    made_with: MadeWith,
) -> Mapping[str, int]:
    """Write all classes and how they were made; returns how many voxels each has in the file."""
    from ..mrml.nodes import record_tag
    from ..mrml.nodes.segmentation_slabs import segmentation_of_classes, write_slabs
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.nodes.volumes import add_place_of_volume

    scene = new_scene()
    place = add_place_of_volume(scene, scan.grid, scan.name, scan.unit_known)
    node = segmentation_of_classes(scene, place, profile.classes)
    labels = {each.id: label for label, each in enumerate(profile.classes, start=1)}
    painter = ClassPainter(found, labels, overwriting)
    record_tag.keep(node, SegmentationRecord(painter.steps, made_with, facts_of_scan(scan), profile))
    slabs = painter.slabs(scan.grid.shape_kji, block_bytes() // 4)  # labels, and masks of as many voxels
    write_slabs(node, slabs, scan.grid, output)
    for shared in painter.shared:
        note(shared.text(profile))
    return painter.counts


def _write_table(
    path: Path,
    profile: SegmentationProfile,
    axes: Mapping[str, Axis],
    found: Mapping[str, PropagatedObject],
    keyframes: Keyframes,
) -> None:
    rows = (
        (profile.require_class(class_id).name, *row)
        for class_id, each in found.items()
        for row in table.rows_of(axes[class_id], each, {key.index for key in keyframes[class_id]})
    )
    write_rows(path, [COLUMNS, *rows])


def _report(name: str, axis: Axis, found: PropagatedObject, voxels: int) -> None:
    print(f"{name}: {found.span_on(axis)}, {voxels} voxels")
    for each in found.ends:
        note(f"{name} ends at {axis} = {each.index}: {each.reason}")
    if found.doubtful:
        indices = ", ".join(str(each.index) for each in found.doubtful)
        note(f"{name}: look at {axis} = {indices}")
    if found.proposed is not None:
        note(f"{name}: a correction helps most on {axis} = {found.proposed.index}")

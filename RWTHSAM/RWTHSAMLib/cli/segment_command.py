"""``rwthsam segment``: replay a record of prompts and other steps on a scan."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.profile import SegmentationProfile
from ..record.record_file import SegmentationRecord
from ..record.steps import HandEdit, MadeWith, RecordedVoxels, ScanFacts, Step, Submitted, made_by
from ..record.text import step_text
from ..volumes.class_ledger import ClassLedger
from ..volumes.lazy_volume import LazyVolume, block_bytes
from ..volumes.scan import Scan, unpacked, voxels_of
from .options import Commands, check_output, note, require
from .outputs import check_outputs
from .recorded import (
    Engines,
    add_options,
    facts_of_scan,
    made_now,
    read_recorded,
    scan_for,
    unlocked,
    with_window,
)

if TYPE_CHECKING:
    from ..mrml.session.replay import ReplayedStep


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("segment", help="replay recorded prompts on a scan")
    add_options(parser)
    parser.set_defaults(run=run)


def check(given: argparse.Namespace) -> None:
    """Raise `RwthSamError` for what can be known to be wrong before anything is read."""
    check_output(given.output)
    check_outputs((given.output,), (given.volume, given.prompts, given.profile, given.weights))
    require("slicer", "Segmenting", "scene")


def run(given: argparse.Namespace) -> int:
    """Segment and write; everything that can be wrong is checked before the network is loaded."""
    check(given)
    recorded, profile = read_recorded(given)
    with scan_for(given.volume, recorded, given.voxel_size) as (scan, for_scan):
        for_scan = with_window(given, for_scan, profile, scan)
        replayed = _from_disk if isinstance(scan, LazyVolume) else _in_memory
        counts = replayed(given.output, scan, for_scan, profile, Engines(given))
    for entry in profile.classes:
        if counts.get(entry.id):
            print(f"{entry.name}: {counts[entry.id]} voxels")
    print(given.output)
    return 0


def _in_memory(
    output: Path, scan: Scan, recorded: SegmentationRecord, profile: SegmentationProfile, engines: Engines
) -> Mapping[str, int]:
    """Voxels of every class after all steps."""
    from ..mrml.nodes import record_tag, segments, storage, volumes
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.session import replay

    assert not isinstance(scan, LazyVolume)
    scene = new_scene()
    volume_node = volumes.add_volume(scene, scan)
    node = segments.create_segmentation(scene, volume_node, unlocked(profile))
    done = replay.replay(volume_node, node, recorded, engines, _reporter())
    _say_remarks(done, recorded, profile)
    segments.take_classes(node, profile)
    record_tag.keep(node, _record_of(done, recorded, volumes.facts_of(volume_node), engines))
    engines.close()  # what comes needs memory of its own
    storage.save_segmentation(node, output)
    return {
        entry.id: int(segments.mask_of_class_kji(node, entry.id, volume_node).sum())
        for entry in profile.classes
        if entry.id in recorded.class_ids
    }


def _from_disk(
    output: Path, scan: Scan, recorded: SegmentationRecord, profile: SegmentationProfile, engines: Engines
) -> Mapping[str, int]:
    """The same of a scan that memory has no room for: found masks are kept, packed, and painted slab by slab."""
    from ..mrml.nodes import record_tag
    from ..mrml.nodes.segmentation_slabs import segmentation_of_classes, write_slabs
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.nodes.volumes import add_place_of_volume
    from ..mrml.session import replay

    ledger = ClassLedger([entry.id for entry in profile.classes], scan.grid.shape_kji)
    with unpacked(scan, output.parent) as quick:
        seen = replay.ReplayedScan(voxels_of(quick), scan.grid, facts_of_scan(quick))
        done = replay.replay_from_disk(seen, ledger, recorded, engines, _reporter())
    _say_remarks(done, recorded, profile)
    scene = new_scene()
    place = add_place_of_volume(scene, scan.grid, scan.name, scan.unit_known)
    node = segmentation_of_classes(scene, place, profile.classes)
    record_tag.keep(node, _record_of(done, recorded, seen.facts, engines))
    engines.close()
    write_slabs(node, ledger.slabs(block_bytes() // 4), scan.grid, output, ledger.places())
    return ledger.counts


def _say_remarks(done: Sequence[ReplayedStep], recorded: SegmentationRecord, profile: SegmentationProfile) -> None:
    names = {entry.id: entry.name for entry in profile.classes}
    for number, each in enumerate(done, 1):
        if each.remark:
            note(f"Step {number}, {step_text(each.step, names, recorded.made_with)}: {each.remark}.")


def _record_of(
    done: Sequence[ReplayedStep], recorded: SegmentationRecord, scan: ScanFacts, engines: Engines
) -> SegmentationRecord:
    """What was done here: the steps that gave voxels, with what computed them now."""
    steps: list[Step] = []
    for each in done:
        step = each.step
        lost = isinstance(step, RecordedVoxels) and step.lost and not each.remark
        if isinstance(step, HandEdit) or not (each.voxels or lost):
            continue
        made = made_by(step, recorded.made_with)
        is_computed = not isinstance(step, RecordedVoxels)
        now = made_now(engines(made), made.window) if is_computed else made
        steps.append(replace(step, voxels=each.voxels, made_with=now))
    made_with = next((each.made_with for each in steps if isinstance(each, Submitted) and each.made_with), MadeWith())
    return SegmentationRecord(tuple(steps), made_with, scan, recorded.profile)


def _reporter() -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        if done == total or done % max(1, total // 20) == 0:
            note(f"step {done} of {total}")

    return report

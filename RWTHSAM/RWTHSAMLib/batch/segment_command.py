"""``rwthsam segment``: replay recorded prompts on a scan."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..image import Window
from ..profile import SegmentationProfile
from ..prompt_file import PromptFile
from ..volume.read import VolumeData
from .options import Commands, check_output, note, require
from .recorded import add_options, engine_for, read_recorded, unlocked, volume_for, window_for

if TYPE_CHECKING:
    from ..inference.engine import SamEngine
    from ..scene.replay import ReplayedSlice


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("segment", help="replay recorded prompts on a scan")
    add_options(parser)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Segment and write; everything that can be wrong is checked before the network is loaded."""
    check_output(given.output)
    require("slicer", "Segmenting", "scene")
    recorded, profile = read_recorded(given)
    data = volume_for(given.volume, recorded)
    window = window_for(given, recorded, profile, data)
    engine = engine_for(given, recorded)
    made = replace(
        recorded,
        program=f"RWTHSAM {__version__}",
        model=engine.entry.name,
        weights_sha256=engine.weights_sha256,
        engine=engine.description,
        window=window,
        profile=profile,
    )
    counts = _replay_into(given.output, data, made, profile, window, engine)
    for entry in profile.classes:
        if counts.get(entry.id):
            print(f"{entry.name}: {counts[entry.id]} voxels")
    print(given.output)
    return 0


def _replay_into(
    output: Path,
    data: VolumeData,
    recorded: PromptFile,
    profile: SegmentationProfile,
    window: Window,
    engine: SamEngine,
) -> dict[str, int]:
    """Voxels of every class after all slices."""
    from ..scene import provenance, replay, segments, storage
    from ..scene.standalone import new_scene
    from ..scene.volumes import add_volume

    scene = new_scene()
    volume_node = add_volume(scene, data)
    node = segments.create_segmentation(scene, volume_node, unlocked(profile))
    done = replay.replay(volume_node, node, recorded, engine, window, _reporter())
    for each in done:
        _warn_where_empty(each)
    segments.apply_profile(node, profile)
    provenance.keep(node, recorded)
    storage.save_segmentation(node, output)
    return {
        entry.id: int(segments.mask_of_class_kji(node, entry.id, volume_node).sum())
        for entry in profile.classes
        if entry.id in recorded.class_ids
    }


def _reporter() -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        if done == total or done % max(1, total // 20) == 0:
            note(f"slice {done} of {total}")

    return report


def _warn_where_empty(replayed: ReplayedSlice) -> None:
    if replayed.mask_pixels == 0:
        key = replayed.prompted.slice
        note(f"The prompts on slice {key.axis}={key.index} gave an empty mask.")

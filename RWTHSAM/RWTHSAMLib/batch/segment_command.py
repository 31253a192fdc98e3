"""``rwthsam segment``: replay recorded prompts on a scan."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PromptError, VolumeError
from ..image import Window, propose_window
from ..profile import SegmentationProfile, profile_of_names, read_profile
from ..prompt_file import PromptFile, read_prompt_file
from ..volume.read import VolumeData, read_volume
from .options import Commands, note, require

if TYPE_CHECKING:
    from ..inference.engine import SamEngine
    from ..scene.replay import ReplayedSlice

DEFAULT_MODEL = "mobile_sam_vit_t"
_SEGMENTATION = ".seg.nrrd"


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("segment", help="replay recorded prompts on a scan")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="NRRD, NIfTI, MetaImage, TIFF, PNG, or a folder")
    parser.add_argument("prompts", type=Path, metavar="PROMPTS.json", help="as the fronts export it")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.seg.nrrd")
    parser.add_argument("--profile", type=Path, metavar="P.json", help="classes; default: those of the prompt file")
    parser.add_argument("--model", metavar="NAME", help=f"default: that of the prompt file, else {DEFAULT_MODEL}")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="default: RWTHSAM_WEIGHTS or the cache folder")
    parser.add_argument(
        "--window",
        type=float,
        nargs=2,
        metavar=("LO", "HI"),
        help="grey values that become black and white; default: the prompt file's, else the profile's, else a proposal",
    )
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto")
    parser.add_argument("--backend", choices=("auto", "torch", "openvino"), default="auto")
    parser.add_argument("--precision", choices=("auto", "f32", "f16", "bf16"), default="auto")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Segment and write; everything that can be wrong is checked before the network is loaded."""
    if not given.output.name.endswith(_SEGMENTATION):
        raise VolumeError(f"The output is a segmentation and ends in '{_SEGMENTATION}', not '{given.output.name}'.")
    require("slicer", "Segmenting", "scene")
    recorded = read_prompt_file(given.prompts)
    profile = _profile(given, recorded)
    recorded = recorded.resolved(profile)
    data = _volume(given.volume, recorded)
    window = _window(given, recorded, profile, data)
    engine = _engine(given, recorded)
    counts = _replay_into(given.output, data, recorded, profile, window, engine)
    for entry in profile.classes:
        if counts.get(entry.id):
            print(f"{entry.name}: {counts[entry.id]} voxels")
    print(given.output)
    return 0


def _profile(given: argparse.Namespace, recorded: PromptFile) -> SegmentationProfile:
    if given.profile is not None:
        return read_profile(given.profile)
    return recorded.profile or profile_of_names("Classes of the prompts", recorded.class_ids)


def _volume(path: Path, recorded: PromptFile) -> VolumeData:
    data = read_volume(path)
    for text in data.notes:
        note(text)
    shape_kji = data.array_kji.shape[:3]
    if recorded.shape_kji is not None and recorded.shape_kji != shape_kji:
        raise PromptError(
            f"The prompts were made on a volume of {recorded.shape_kji} voxels (k, j, i), "
            f"'{path}' has {shape_kji}: choose the volume they were made on."
        )
    return data


def _window(given: argparse.Namespace, recorded: PromptFile, profile: SegmentationProfile, data: VolumeData) -> Window:
    if given.window is not None:
        return Window(*given.window)
    window = recorded.window or profile.window
    if window is None:
        window = propose_window(data.array_kji)
        note(f"No window is given: {window.lower:g} .. {window.upper:g} is proposed from the histogram.")
    return window


def _engine(given: argparse.Namespace, recorded: PromptFile) -> SamEngine:
    from ..inference.engine import SamEngine

    name = given.model or recorded.model or DEFAULT_MODEL
    engine = SamEngine.load(name, given.weights, device=given.device, backend=given.backend, precision=given.precision)
    note(engine.description)
    if recorded.weights_sha256 is not None and recorded.weights_sha256 != engine.weights_sha256:
        note("The prompts were made with other weights: expect other masks.")
    return engine


def _replay_into(
    output: Path,
    data: VolumeData,
    recorded: PromptFile,
    profile: SegmentationProfile,
    window: Window,
    engine: SamEngine,
) -> dict[str, int]:
    """Voxels of every class after all slices."""
    from ..scene import replay, segments, storage
    from ..scene.standalone import new_scene
    from ..scene.volumes import add_volume

    scene = new_scene()
    volume_node = add_volume(scene, data)
    # a lock that was set after a submit must not forbid to replay it
    node = segments.create_segmentation(scene, volume_node, _unlocked(profile))
    done = replay.replay(volume_node, node, recorded, engine, window, _reporter())
    for each in done:
        _warn_where_empty(each)
    segments.apply_profile(node, profile)
    storage.save_segmentation(node, output)
    return {
        entry.id: int(segments.mask_of_class_kji(node, entry.id, volume_node).sum())
        for entry in profile.classes
        if entry.id in recorded.class_ids
    }


def _unlocked(profile: SegmentationProfile) -> SegmentationProfile:
    return replace(profile, classes=tuple(replace(entry, locked=False) for entry in profile.classes))


def _reporter() -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        if done == total or done % max(1, total // 20) == 0:
            note(f"slice {done} of {total}")

    return report


def _warn_where_empty(replayed: ReplayedSlice) -> None:
    if replayed.mask_pixels == 0:
        key = replayed.prompted.slice
        note(f"The prompts on slice {key.axis}={key.index} gave an empty mask.")

"""What every command that works with recorded prompts has to find out first: scan, classes, window, network."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PromptError
from ..image import Window, propose_window
from ..profile import SegmentationProfile, profile_of_names, read_profile
from ..prompt_file import PromptFile, read_prompt_file
from ..volume.read import VolumeData, read_volume
from .options import note

if TYPE_CHECKING:
    from ..inference.engine import SamEngine

DEFAULT_MODEL = "mobile_sam_vit_t"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Scan, prompts, output, classes, window and network."""
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


def read_recorded(given: argparse.Namespace) -> tuple[PromptFile, SegmentationProfile]:
    """The prompts, with classes by their ids, and the classes."""
    recorded = read_prompt_file(given.prompts)
    profile = profile_for(given, recorded)
    return recorded.resolved(profile), profile


def profile_for(given: argparse.Namespace, recorded: PromptFile) -> SegmentationProfile:
    """The classes: those of the given profile, else those of the prompts."""
    if given.profile is not None:
        return read_profile(given.profile)
    return recorded.profile or profile_of_names("Classes of the prompts", recorded.class_ids)


def volume_for(path: Path, recorded: PromptFile) -> VolumeData:
    """The scan, which has to be as large as the one that the prompts were made on."""
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


def window_for(
    given: argparse.Namespace, recorded: PromptFile, profile: SegmentationProfile, data: VolumeData
) -> Window:
    """What becomes black and white."""
    if given.window is not None:
        return Window(*given.window)
    window = recorded.window or profile.window
    if window is None:
        window = propose_window(data.array_kji)
        note(f"No window is given: {window.lower:g} .. {window.upper:g} is proposed from the histogram.")
    return window


def engine_for(given: argparse.Namespace, recorded: PromptFile) -> SamEngine:
    """The network, by preference the one that the prompts were made with."""
    from ..inference.engine import SamEngine

    name = given.model or recorded.model or DEFAULT_MODEL
    engine = SamEngine.load(name, given.weights, device=given.device, backend=given.backend, precision=given.precision)
    note(engine.description)
    if recorded.weights_sha256 is not None and recorded.weights_sha256 != engine.weights_sha256:
        note("The prompts were made with other weights: expect other masks.")
    elif recorded.engine is not None and recorded.engine != engine.description:
        note(f"The prompts were made with {recorded.engine} Edges of masks may differ by single voxels here.")
    return engine


def unlocked(profile: SegmentationProfile) -> SegmentationProfile:
    """The classes without locks: one that was set after a submit must not forbid to do it again."""
    return replace(profile, classes=tuple(replace(entry, locked=False) for entry in profile.classes))

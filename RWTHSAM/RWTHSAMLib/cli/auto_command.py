"""``rwthsam auto``: find masks in slices, link them to instances, write them as segments and as a table."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..algorithms.automatic.detected_objects import DetectedObjects
from ..algorithms.automatic.generator import found_masks
from ..algorithms.automatic.table import COLUMNS
from ..core.image import SliceImage
from ..core.profile import SegmentationProfile, read_profile
from ..core.settings.automatic import PRESETS, AutomaticSettings
from ..core.settings.automatic_run import AutomaticRunSettings
from ..core.settings.detected_objects import DetectedObjectsSettings
from ..core.settings.setting import settings_of
from ..core.slices import ARRAY_AXIS, AXES, SliceKey
from ..core.window import Window
from ..errors import ProfileError, SettingsError
from ..inference.backends.choice import BACKENDS, PRECISIONS
from ..inference.cache.embedding_cache import CacheSettings, EmbeddingCache
from ..inference.devices import DEVICES
from ..inference.engine import SamEngine
from ..models.weights import default_model
from ..volumes.scan import proposed_window, voxels_of
from .auto_writing import AutoTarget, write_found
from .options import Commands, add_settings, check_output, given_settings, note, require
from .outputs import table_beside
from .reading import add_voxel_size, note_unknown_size, open_scan
from .recorded import made_now


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("auto", help="find masks without prompts and link them to objects")
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="NRRD, NIfTI, MetaImage, TIFF, PNG, or a folder")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.seg.nrrd")
    parser.add_argument("--csv", type=Path, metavar="OUT.csv", help="a row for each object; default: OUT-objects.csv")
    parser.add_argument("--axis", choices=AXES, default="k", help="slices along it; default: %(default)s")
    parser.add_argument("--range", type=int, nargs=2, metavar=("FIRST", "LAST"), help="slices; default: all")
    parser.add_argument("--preset", choices=sorted(PRESETS), help="default: the profile's settings, else SAM's own")
    parser.add_argument(
        "--settings",
        dest="settings_file",
        type=Path,
        metavar="FILE",
        help="JSON with SAM's settings; instead of a preset",
    )
    parser.add_argument("--rules", type=Path, metavar="PROFILE", help="profile whose rules say which object is what")
    add_voxel_size(parser)
    add_settings(parser, AutomaticRunSettings, "mode", "min_slices", "grey")
    parser.add_argument(
        "--region",
        dest="region_xyxy",
        type=int,
        nargs=4,
        default=argparse.SUPPRESS,
        metavar=("X0", "Y0", "X1", "Y1"),
        help=settings_of(AutomaticRunSettings)["region_xyxy"].help,
    )
    parser.add_argument("--keep-doubtful", action="store_true", help="also masks that hardly differ from around them")
    parser.add_argument("--window", type=float, nargs=2, metavar=("LO", "HI"), help="default: a proposal")
    parser.add_argument("--model", metavar="NAME", help=f"default: {default_model()}")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="default: see rwthsam models")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--backend", choices=BACKENDS, default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    add_settings(parser, DetectedObjectsSettings)
    own = parser.add_argument_group("single settings of SAM", "instead of those of the preset, profile or file")
    add_settings(own, AutomaticSettings)
    own.add_argument(
        "--grid-point",
        dest="grid_points",
        type=float,
        nargs=2,
        action="append",
        metavar=("X", "Y"),
        help=f"{settings_of(AutomaticSettings)['point_grids'].help} One of those for the slice; may be repeated.",
    )
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class AutoRequest:
    """What was asked for, as far as it can be known before anything is read.

    Attributes
    ----------
    table : Path
        Where the table of objects goes.
    profile : SegmentationProfile, optional
        With rules.
    choices : AutomaticRunSettings
    linking : DetectedObjectsSettings
    """

    table: Path
    profile: SegmentationProfile | None
    choices: AutomaticRunSettings
    linking: DetectedObjectsSettings


def check(given: argparse.Namespace) -> AutoRequest:
    """Raise `RwthSamError` for what can be known to be wrong before anything is read."""
    check_output(given.output)
    inputs = (given.volume, given.settings_file, given.rules, given.weights)
    table = table_beside(given.output, given.csv, "-objects.csv", COLUMNS, inputs)
    require("slicer", "Writing .seg.nrrd", "scene")
    profile = read_profile(given.rules) if given.rules else None
    if profile is not None and not profile.automatic.rules:
        raise ProfileError(f"'{given.rules}': the profile has no rules (automatic.rules), so nothing can be assigned.")
    choices = given_settings(given, AutomaticRunSettings(generator=_settings(given, profile)))
    if given.window:
        Window(*given.window)
    return AutoRequest(table, profile, choices, given_settings(given, DetectedObjectsSettings()))


def run(given: argparse.Namespace) -> int:
    """Find, link and write; everything that can be wrong is checked before the network is loaded."""
    asked = check(given)
    with open_scan(given.volume, given.voxel_size) as scan:
        if not scan.unit_known:
            note_unknown_size("a voxel counts as 1 mm, so mm, mm² and mm³ are")
        keys = slice_keys(given, scan.array_kji.shape)
        window = known_window(given, asked.profile) or proposed_window(scan)
        note(f"Window {window.lower:g} .. {window.upper:g}")
        engine = load_engine(given)
        note(engine.description)
        found = DetectedObjects(given.axis, scan.spacing_mm, asked.linking.least_overlap, asked.choices.min_slices)
        voxels = voxels_of(scan)
        for key in keys:
            look_through(found, engine, key, key.take(voxels), window, asked)
        target = AutoTarget(given.output, asked.table, asked.profile, asked.choices, asked.linking, given.keep_doubtful)
        write_found(target, scan, found, made_now(engine, window))
    return 0


def load_engine(given: argparse.Namespace) -> SamEngine:
    """The network that was asked for; no slice is looked at twice, so it remembers none."""
    return SamEngine.load(
        given.model or default_model(given.weights),
        given.weights,
        device=given.device,
        backend=given.backend,
        precision=given.precision,
        cache=EmbeddingCache(CacheSettings(memory_bytes=0)),
    )


def _settings(given: argparse.Namespace, profile: SegmentationProfile | None) -> AutomaticSettings:
    settings = _whole_settings(given, profile)
    if given.grid_points:
        settings = replace(settings, points_per_side=None, point_grids=(tuple((x, y) for x, y in given.grid_points),))
    return given_settings(given, settings)


def _whole_settings(given: argparse.Namespace, profile: SegmentationProfile | None) -> AutomaticSettings:
    if given.settings_file:
        return AutomaticSettings.read(given.settings_file)
    if given.preset is None and profile is not None and profile.automatic.settings is not None:
        return profile.automatic.settings
    return PRESETS[given.preset or "default"]


def known_window(given: argparse.Namespace, profile: SegmentationProfile | None) -> Window | None:
    """The window that was given, or that of the profile; None where it has to be proposed."""
    if given.window:
        return Window(*given.window)
    return profile.window if profile is not None else None


def slice_keys(given: argparse.Namespace, shape_kji: Sequence[int]) -> list[SliceKey]:
    """The slices that were asked for, of a scan of this shape.

    Raises
    ------
    SettingsError
        If the scan does not have them.
    """
    count = shape_kji[ARRAY_AXIS[given.axis]]
    first, last = given.range or (0, count - 1)
    if not 0 <= first <= last < count:
        raise SettingsError(f"--range: expected two slices from 0 to {count - 1}, got {first} {last}.")
    return [SliceKey(given.axis, index) for index in range(first, last + 1)]


def look_through(
    found: DetectedObjects,
    engine: SamEngine,
    key: SliceKey,
    values: np.ndarray,
    window: Window,
    asked: AutoRequest,
) -> None:
    """Find masks in the values of a slice, (rows, columns) or (rows, columns, channels), and put them to the others."""
    masks = found_masks(engine, SliceImage.of_scan(values, window), asked.choices.generator, asked.choices.mode)
    found.put(key, masks, values)
    doubtful = sum(each.judgement.is_doubtful_below(asked.linking.doubtful_below) for each in masks)
    note(f"{key.axis} = {key.index}: {len(masks)} masks, {doubtful} of them doubtful")

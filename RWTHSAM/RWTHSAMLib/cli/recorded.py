"""What every command that works with recorded prompts has to find out first: scan, classes, window, network."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..core.profile import SegmentationProfile, profile_of_names, read_profile
from ..core.window import Window
from ..inference.backends.choice import BACKENDS, PRECISIONS
from ..inference.devices import DEVICES
from ..models.weights import default_model
from ..record.other_level import on_other_level
from ..record.record_file import SegmentationRecord, read_prompt_file
from ..record.steps import MadeWith, ScanFacts
from ..volumes.fingerprint import fingerprint
from ..volumes.formats.kinds import is_ome_zarr
from ..volumes.ome_zarr.read import grid_of_level
from ..volumes.scan import Scan, proposed_window, voxels_of
from .options import note
from .reading import add_voxel_size, open_scan

if TYPE_CHECKING:
    from ..inference.engine import SamEngine


def add_options(parser: argparse.ArgumentParser) -> None:
    """Scan, prompts, output, classes, window and network."""
    parser.add_argument("volume", type=Path, metavar="VOLUME", help="NRRD, NIfTI, MetaImage, TIFF, PNG, or a folder")
    parser.add_argument("prompts", type=Path, metavar="PROMPTS.json", help="as the fronts export it")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.seg.nrrd")
    parser.add_argument("--profile", type=Path, metavar="P.json", help="classes; default: those of the prompt file")
    parser.add_argument("--model", metavar="NAME", help=f"default: that of the prompt file, else {default_model()}")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="default: see rwthsam models")
    parser.add_argument(
        "--window",
        type=float,
        nargs=2,
        metavar=("LO", "HI"),
        help="grey values that become black and white; default: the prompt file's, else the profile's, else a proposal",
    )
    add_voxel_size(parser)
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--backend", choices=BACKENDS, default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")


def read_recorded(given: argparse.Namespace) -> tuple[SegmentationRecord, SegmentationProfile]:
    """The prompts, with classes by their ids, and the classes."""
    recorded = read_prompt_file(given.prompts)
    profile = profile_for(given, recorded)
    return recorded.resolved(profile), profile


def profile_for(given: argparse.Namespace, recorded: SegmentationRecord) -> SegmentationProfile:
    """The classes: those of the given profile, else those of the prompts."""
    if given.profile is not None:
        return read_profile(given.profile)
    return recorded.profile or profile_of_names("Classes of the prompts", recorded.class_ids)


@contextmanager
def scan_for(
    path: Path, recorded: SegmentationRecord, voxel_size_mm: Sequence[float] | None = None
) -> Iterator[tuple[Scan, SegmentationRecord]]:
    """The scan, see `open_scan`, and the prompts for it; where it is not the one they were made on, that is said."""
    with open_scan(path, voxel_size_mm, recorded.scan.shape_kji) as scan:
        yield scan, _recorded_for(scan, path, recorded)


def _recorded_for(scan: Scan, path: Path, recorded: SegmentationRecord) -> SegmentationRecord:
    """The prompts in voxels of the scan, if they were made on another level of it."""
    shape = recorded.scan.shape_kji
    if shape not in (None, scan.grid.shape_kji) and is_ome_zarr(path):
        before, after = (grid_of_level(path, each) for each in (shape or (), scan.grid.shape_kji))
        if before is not None and after is not None:
            note("The prompts were made on another level of this scan: they go to the same places on this one.")
            return on_other_level(recorded, before, after)
    for text in recorded.scan.differences(facts_of_scan(scan)):
        note(f"The prompts were made on another scan: this one has {text}.")
    return recorded


def facts_of_scan(scan: Scan) -> ScanFacts:
    """Which scan it is, as a record names it."""
    spacing_mm = scan.spacing_mm if scan.unit_known else None
    return ScanFacts(scan.name, scan.grid.shape_kji, spacing_mm, fingerprint(voxels_of(scan)))


def with_window(
    given: argparse.Namespace, recorded: SegmentationRecord, profile: SegmentationProfile, scan: Scan
) -> SegmentationRecord:
    """The prompts, with what becomes black and white: as given, else as recorded, else a proposal."""
    if given.window is not None:
        return recorded.seen_through(Window(*given.window))
    window = recorded.made_with.window or profile.window
    if window is None:
        window = proposed_window(scan)
        note(f"No window is given: {window.lower:g} .. {window.upper:g} is proposed from the histogram.")
    return replace(recorded, made_with=replace(recorded.made_with, window=window))


class Engines:
    """The networks that recorded steps need, by preference those that they were made with; each is loaded once.

    Parameters
    ----------
    given : argparse.Namespace
        What was asked for on the command line goes before what was recorded.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._loaded: dict[str, SamEngine] = {}
        self._said: set[str] = set()

    def __call__(self, made_with: MadeWith) -> SamEngine:
        """The engine for a step; where it is another one than the step's, that is said, once."""
        name = self._given.model or made_with.model or default_model(self._given.weights)
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        engine = self._loaded[name]
        if made_with.model is not None and made_with.model != name:
            self._say(f"The prompts were made with the model {made_with.model}, not with {name}: expect other masks.")
        elif made_with.weights_sha256 is not None and made_with.weights_sha256 != engine.weights_sha256:
            self._say("The prompts were made with other weights: expect other masks.")
        elif made_with.engine is not None and made_with.engine != engine.description:
            self._say(f"The prompts were made with {made_with.engine} Edges of masks may differ by single voxels here.")
        return engine

    def close(self) -> None:
        """Release all networks."""
        while self._loaded:
            self._loaded.popitem()[1].close()

    def _load(self, name: str) -> SamEngine:
        from ..inference.engine import SamEngine

        given = self._given
        # the weights file on the command line is that of one network
        weights = None if self._loaded else given.weights
        engine = SamEngine.load(name, weights, device=given.device, backend=given.backend, precision=given.precision)
        note(engine.description)
        return engine

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            note(text)


def made_now(engine: SamEngine, window: Window | None) -> MadeWith:
    """What an engine makes masks with now."""
    return MadeWith(
        program=f"RWTHSAM {__version__}",
        model=engine.entry.name,
        weights_sha256=engine.weights_sha256,
        engine=engine.description,
        window=window,
    )


def unlocked(profile: SegmentationProfile) -> SegmentationProfile:
    """The classes without locks: one that was set after a submit must not forbid to do it again."""
    return replace(profile, classes=tuple(replace(entry, locked=False) for entry in profile.classes))

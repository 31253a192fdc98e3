"""What is evaluated on and never trained on: slices of held-out seeds, the product's phantoms, real slices."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.volumes.phantom.cell import Phantom, cylindrical_cell, pouch_cell

from .data.sample import Target
from .data.sample_making import make_sample
from .data.stream import HELD_OUT_FROM

_PHANTOM_SHAPE_KJI = (24, 256, 256)
_PHANTOM_SLICE = 16
_BENCHMARKS = Path(__file__).resolve().parents[1] / "Testing" / "Benchmarks"


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A slice and what is looked for in it.

    Attributes
    ----------
    source : str
        ``"made"``, ``"phantom"`` or ``"real"``.
    image : numpy.ndarray
        uint8, (rows, columns).
    targets : tuple of Target
    """

    source: str
    image: np.ndarray
    targets: tuple[Target, ...]


def made(count: int, size_px: int) -> Iterator[HeldOut]:
    """Slices of held-out seeds, one target of each kind."""
    for seed in range(HELD_OUT_FROM, HELD_OUT_FROM + count):
        sample = make_sample(seed, size_px)
        first_of_kind = {target.kind: target for target in reversed(sample.targets)}
        yield HeldOut("made", sample.image, tuple(first_of_kind.values()))


def phantoms(seeds: int) -> Iterator[HeldOut]:
    """One slice each of the product's phantoms: every class, all layers of a kind together, and the roll or stack."""
    for seed in range(HELD_OUT_FROM + 1, HELD_OUT_FROM + 1 + seeds):
        for make in (cylindrical_cell, pouch_cell):
            yield _of_phantom(make(_PHANTOM_SHAPE_KJI, seed=seed))


def real(assets: Path) -> Iterator[HeldOut]:
    """Real slices: an electrode spiral and lungs by their authors' labels, parts of a cell by its grey values."""
    import tifffile

    volumes = assets / "volumes"
    spiral = tifffile.imread(volumes / "battery_slice_1_electrode_mask.tif") > 0
    grey = tifffile.imread(volumes / "battery_slice_1.tif")
    yield HeldOut("real", _whole_range(grey), (Target("electrode spiral", spiral),))
    targets = _benchmark_targets()
    for lung in targets.lungs(volumes, targets.LUNG_WINDOW)[::3]:
        yield HeldOut("real", lung.image.pixels, (Target("lung", lung.mask_yx),))
    for name, found in targets.cell_parts(volumes).items():
        for each in found[::3]:
            yield HeldOut("real", each.image.pixels, (Target(name, each.mask_yx),))


def _of_phantom(phantom: Phantom) -> HeldOut:
    targets = [Target(name.lower(), phantom.mask_kji(name)[_PHANTOM_SLICE]) for name in phantom.class_names]
    targets.append(Target("roll", phantom.jelly_roll_kji[_PHANTOM_SLICE]))
    image = _whole_range(phantom.grey_kji[_PHANTOM_SLICE])
    seen = tuple(each for each in targets if each.mask.any())
    return HeldOut("phantom", image, seen)


def _whole_range(grey: np.ndarray) -> np.ndarray:
    pixels: np.ndarray = SliceImage.from_values(grey, Window(float(grey.min()), float(grey.max()))).pixels
    return pixels


def _benchmark_targets():  # type: ignore[no-untyped-def]  # a program's file, no package
    if str(_BENCHMARKS) not in sys.path:
        sys.path.append(str(_BENCHMARKS))
    import targets

    return targets

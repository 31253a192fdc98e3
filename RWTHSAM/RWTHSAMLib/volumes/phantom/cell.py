"""Battery cells as an X-ray CT scanner would show them, with their true labels: for trying out, teaching and testing.

No real scan: shapes and contrasts follow photographs and scans of cells, layers are thicker than in reality so that
they can be resolved. The same seed gives the same phantom.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...core.profile import SegmentationProfile, profile_of_names
from ...errors import SettingsError
from ..volume_data import VolumeData, upright_grid
from .cylindrical import CylindricalCell
from .imaging import Imaging, Scanner
from .materials import CLASS_NAMES, CLASS_OF_MATERIAL, Cell
from .pouch import PouchCell

DEFAULT_SHAPE_KJI = (96, 256, 256)
Kind = Literal["cylindrical", "pouch"]
# a choice: fewer voxels show no layers
_SMALLEST = 16


@dataclass(frozen=True, eq=False)
class Phantom:
    """A made-up scan and the truth about it.

    Attributes
    ----------
    grey_kji : numpy.ndarray
        uint16, (k, j, i).
    labels_kji : numpy.ndarray
        uint8, (k, j, i): 0 is background, n the n-th class of `profile`: what is at the voxel's centre.
    profile : SegmentationProfile
        Names and colours of the labels.
    spacing_mm : tuple of float
        Voxel size along i, j and k.
    """

    grey_kji: np.ndarray
    labels_kji: np.ndarray
    profile: SegmentationProfile
    spacing_mm: tuple[float, float, float]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the labels 1, 2, ..."""
        return tuple(entry.name for entry in self.profile.classes)

    @property
    def jelly_roll_kji(self) -> np.ndarray:
        """All layers of the electrode assembly together, bool (k, j, i)."""
        layers = [self.class_names.index(name) + 1 for name in ("Cathode", "Anode", "Separator")]
        return np.isin(self.labels_kji, layers)

    def mask_kji(self, class_name: str) -> np.ndarray:
        """Voxels of a class, bool (k, j, i)."""
        return np.asarray(self.labels_kji == self.class_names.index(class_name) + 1)

    def volume(self, name: str | None = None) -> VolumeData:
        """The grey values as a scan."""
        return VolumeData(self.grey_kji, upright_grid(self.spacing_mm), name or f"{self.profile.name} phantom", True)


def cylindrical_cell(
    shape_kji: tuple[int, int, int] = DEFAULT_SHAPE_KJI,
    seed: int = 0,
    imaging: Imaging | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Phantom:
    """Upper part of a cylindrical cell of 18 mm: cap, crimped can, gasket, and a wound jelly roll with a hollow core.

    Parameters
    ----------
    shape_kji : tuple of int
        At least 16 along each axis; always shows the same 16 mm x 21 mm x 21 mm.
    seed : int
        0 or larger. Decides position, roundness, layer ends, tab, particles, rings and noise.
    imaging : Imaging, optional
        Faults of the imaging, such as noise.
    progress : callable, optional
        Called with the number of slices done and their total.

    Raises
    ------
    SettingsError
        If a size or the seed is out of range.
    """
    return _scanned(CylindricalCell, "Cylindrical cell", shape_kji, seed, imaging, progress)


def pouch_cell(
    shape_kji: tuple[int, int, int] = DEFAULT_SHAPE_KJI,
    seed: int = 0,
    imaging: Imaging | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Phantom:
    """Upper part of a pouch cell: two tabs, stacked electrodes, the pouch with its seams, some gas.

    Layers lie in planes of constant j. Parameters as in `cylindrical_cell`.
    """
    return _scanned(PouchCell, "Pouch cell", shape_kji, seed, imaging, progress)


PHANTOMS: dict[Kind, Callable[..., Phantom]] = {"cylindrical": cylindrical_cell, "pouch": pouch_cell}


def _scanned(
    make: type[Cell],
    name: str,
    shape_kji: tuple[int, int, int],
    seed: int,
    imaging: Imaging | None,
    progress: Callable[[int, int], None] | None,
) -> Phantom:
    if len(shape_kji) != 3 or min(shape_kji) < _SMALLEST:
        raise SettingsError(f"A phantom needs at least {_SMALLEST} voxels along each of k, j, i, not {shape_kji}.")
    if seed < 0:
        raise SettingsError(f"A seed is 0 or larger, not {seed}.")
    # first of all: what no memory holds is known before the work for it has begun
    grey, labels = _room_for(shape_kji, np.uint16), _room_for(shape_kji, np.uint8)
    cell = make(shape_kji, np.random.default_rng(seed))
    scanner = Scanner(imaging or Imaging(), shape_kji, seed)
    for k in range(shape_kji[0]):
        sections = cell.sections(k)
        labels[k] = CLASS_OF_MATERIAL[cell.centre_of(sections)]
        grey[k] = scanner.slice(k, sections)
        if progress is not None:
            progress(k + 1, shape_kji[0])
    present = [index for index in range(1, len(CLASS_NAMES)) if (labels == index).any()]
    renumber = np.zeros(256, np.uint8)
    renumber[present] = np.arange(1, len(present) + 1)
    profile = profile_of_names(name, [CLASS_NAMES[index] for index in present])
    return Phantom(grey, renumber[labels], profile, cell.spacing_mm)


def _room_for(shape_kji: tuple[int, int, int], dtype: type[np.generic]) -> np.ndarray:
    if math.prod(shape_kji) * np.dtype(dtype).itemsize > sys.maxsize:  # NumPy raises another error for those
        raise MemoryError
    return np.empty(shape_kji, dtype)

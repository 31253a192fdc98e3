"""From materials to grey values: blur, beam hardening, scatter, rings and noise of a CT scanner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .materials import ATTENUATION, FINE

_BLACK, _STEEL = 3000.0, 40000.0
_RING_TYPES = 3


@dataclass(frozen=True)
class Imaging:
    """How far the imaging is from perfect; grey values relative to steel.

    Attributes
    ----------
    blur_px : float
        Standard deviation of the point spread function in voxels.
    cupping : float
        Darkening by beam hardening where there is much material around.
    scatter : float
        Grey that scattered radiation takes away there, also from air.
    rings : float
        Standard deviation of ring artefacts near the axis of rotation.
    noise : float
        Standard deviation of electronic (Gaussian) noise.
    photon_noise : float
        Standard deviation of photon noise on steel; grows with the root of the attenuation.
    """

    blur_px: float = 0.6
    cupping: float = 0.35
    scatter: float = 0.1
    rings: float = 0.04
    noise: float = 0.012
    photon_noise: float = 0.03

    @classmethod
    def perfect(cls) -> Imaging:
        """Partial volume only."""
        return cls(0, 0, 0, 0, 0, 0)


class Scanner:
    """Turn slices of materials into grey values."""

    def __init__(self, imaging: Imaging, shape_kji: tuple[int, int, int], seed: int) -> None:
        self._imaging, self._seed = imaging, seed
        _, rows, columns = shape_kji
        axis_y, axis_x = (rows - 1) / 2, (columns - 1) / 2
        y, x = np.ogrid[:rows, :columns]
        self._radius_px = np.hypot(y - axis_y, x - axis_x)
        self._ring_profiles = self._make_rings(int(self._radius_px.max()) + 2)
        self._slices = shape_kji[0]

    def slice(self, k: int, sections: list[np.ndarray]) -> np.ndarray:
        """uint16 (j, i) of the materials on the planes within slice k."""
        imaging = self._imaging
        rng = np.random.default_rng([self._seed, k])
        grey = _partial_volume(sections)
        if imaging.cupping or imaging.scatter:
            surroundings = _surroundings(grey)
            grey = grey * (1 - imaging.cupping * surroundings) - imaging.scatter * surroundings
        if imaging.blur_px:
            grey = _blurred(grey, imaging.blur_px)
        noise = np.sqrt(imaging.noise**2 + imaging.photon_noise**2 * np.clip(grey, 0, None))
        grey = grey + self._rings(k) + noise * rng.standard_normal(grey.shape, np.float32)
        counts: np.ndarray = np.clip(np.rint(_BLACK + _STEEL * grey), 0, 65535).astype(np.uint16)
        return counts

    def _make_rings(self, count: int) -> np.ndarray:
        """(types, radii): a detector element that reads too high or low makes a ring of its radius."""
        rng = np.random.default_rng([self._seed, 1 << 20])
        faulty = rng.standard_normal((_RING_TYPES, count)) * (rng.random((_RING_TYPES, count)) < 0.3)
        faded = 1 / np.sqrt(1 + np.arange(count) / (count / 12))
        return np.asarray(self._imaging.rings * faulty * faded, np.float32)

    def _rings(self, k: int) -> np.ndarray:
        phase = 2 * np.pi * (k / self._slices + np.arange(_RING_TYPES) / _RING_TYPES)
        profile = (np.cos(phase) ** 2) @ self._ring_profiles
        return np.asarray(np.interp(self._radius_px, np.arange(profile.size), profile), np.float32)


def _partial_volume(sections: list[np.ndarray]) -> np.ndarray:
    """Mean attenuation of the samples in each voxel, float32 (j, i)."""
    rows, columns = (count // FINE for count in sections[0].shape)
    total = np.zeros((rows, columns), np.float32)
    unique: dict[int, tuple[np.ndarray, int]] = {}
    for section in sections:
        unique[id(section)] = (section, unique.get(id(section), (section, 0))[1] + 1)
    for section, times in unique.values():
        attenuation = ATTENUATION[section].reshape(rows, FINE, columns, FINE)
        total += times * sum(attenuation[:, a, :, b] for a in range(FINE) for b in range(FINE))
    return total / (FINE**2 * len(sections))


def _surroundings(grey: np.ndarray) -> np.ndarray:
    """How much material is within about a sixth of the slice around, float32 (j, i)."""
    from scipy.ndimage import uniform_filter

    size = max(3, min(grey.shape) // 6)
    smooth: np.ndarray = uniform_filter(uniform_filter(grey, size, mode="constant"), size, mode="constant")
    return smooth


def _blurred(grey: np.ndarray, sigma_px: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    result: np.ndarray = gaussian_filter(grey, sigma_px)
    return result

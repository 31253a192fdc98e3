"""What a classifier knows of a voxel: grey values around it, smoothed, and their first and second derivatives.

They are those that ilastik and Trainable Weka Segmentation offer. A voxel's features depend on the voxels within
`margin` of it alone, so a part of a scan that is seen with these gives the numbers of the whole scan.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...core.system.optional_package import optional_package
from ...errors import SettingsError

USUAL_SCALES = (1.0, 2.0, 4.0)
"""A choice: edges of a few voxels, layers, and their surroundings."""
MOST_SCALES, LARGEST_SCALE = 8, 32.0
# of a Gaussian, in standard deviations: what is left out weighs .3 %
_CUT = 3.0
# as in ilastik: how much farther the structure tensor looks than the gradient that it is made of
_OUTER = 0.5
_OF_A_SCALE = (
    "smoothed",
    "gradient magnitude",
    "largest Hessian eigenvalue",
    "middle Hessian eigenvalue",
    "smallest Hessian eigenvalue",
    "largest structure tensor eigenvalue",
    "middle structure tensor eigenvalue",
    "smallest structure tensor eigenvalue",
)


@dataclass(frozen=True)
class FeatureSettings:
    """Which features there are.

    Attributes
    ----------
    scales : tuple of float
        Standard deviations of the Gaussians in voxels, the same along each axis, from the smallest.

    Raises
    ------
    SettingsError
        If they are none, too many, not above 0 or larger than what can be kept at hand around a voxel.
    """

    scales: tuple[float, ...] = USUAL_SCALES

    def __post_init__(self) -> None:
        fit = all(0.3 <= each <= LARGEST_SCALE for each in self.scales)
        if not fit or not 1 <= len(self.scales) <= MOST_SCALES or len({*self.scales}) < len(self.scales):
            given = " ".join(f"{each:g}" for each in self.scales)
            raise SettingsError(
                f"scales: expected 1 to {MOST_SCALES} different numbers of voxels from 0.3 to {LARGEST_SCALE:g}, "
                f"got {given or 'none'}."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Of the features, in their order."""
        return ("grey value", *(f"{name}, scale {scale:g}" for scale in self.scales for name in _OF_A_SCALE))

    @property
    def margin(self) -> int:
        """How far, in voxels along each axis, a voxel's features look."""
        return max(max(_radius(scale) + 2, _radius(scale) + 1 + _radius(_OUTER * scale)) for scale in self.scales)

    @property
    def bytes_of_a_voxel(self) -> int:
        """About what is held of a voxel while its features are computed."""
        return 4 * (len(self.names) + 24)


def features_of(values_kji: np.ndarray, own: tuple[slice, slice, slice], settings: FeatureSettings) -> np.ndarray:
    """Features of the voxels of a box.

    Parameters
    ----------
    values_kji : numpy.ndarray
        float32 (k, j, i), finite: the box and what lies within `margin` of it, as far as the scan goes.
    own : tuple of slice
        The box.
    settings : FeatureSettings

    Returns
    -------
    numpy.ndarray
        float32 (voxels, features), voxels in the order of the array.

    Raises
    ------
    DependencyMissing
        If scipy is not installed.
    """
    count = math.prod(each.stop - each.start for each in own)
    found = np.empty((count, len(settings.names)), np.float32)
    for number, values in enumerate(_each(values_kji, settings)):
        found[:, number] = values[own].ravel()
    return found


def _each(values: np.ndarray, settings: FeatureSettings) -> Iterable[np.ndarray]:
    yield values
    for scale in settings.scales:
        smooth = _smoothed(values, scale)
        yield smooth
        slopes = [_slope(smooth, axis) for axis in range(3)]
        yield np.sqrt(slopes[0] ** 2 + slopes[1] ** 2 + slopes[2] ** 2)
        pairs = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
        yield from eigenvalues([_slope(slopes[one], other) for one, other in pairs])
        yield from eigenvalues([_smoothed(slopes[one] * slopes[other], _OUTER * scale) for one, other in pairs])


def _radius(scale: float) -> int:
    return int(_CUT * scale + 0.5)


def _smoothed(values: np.ndarray, scale: float) -> np.ndarray:
    ndimage = optional_package("scipy.ndimage", "Classifiers", "'rwthsam[learn]'")
    smooth: np.ndarray = ndimage.gaussian_filter(values, scale, mode="nearest", radius=_radius(scale))
    return smooth


def _slope(values: np.ndarray, axis: int) -> np.ndarray:
    """Central differences per voxel; a scan of one slice has none across it."""
    if values.shape[axis] == 1:
        return np.zeros_like(values)
    return np.asarray(np.gradient(values, axis=axis), np.float32)


def eigenvalues(entries: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues of symmetric 3 x 3 matrices, the largest first, in closed form (Smith 1961).

    Parameters
    ----------
    entries : list of numpy.ndarray
        Of all matrices kk, jj, ii, kj, ki, ji.
    """
    kk, jj, ii, kj, ki, ji = entries
    mean = (kk + jj + ii) / 3
    a, b, c = kk - mean, jj - mean, ii - mean
    size = np.sqrt((a * a + b * b + c * c + 2 * (kj * kj + ki * ki + ji * ji)) / 6)
    safe = np.where(size > 0, size, np.float32(1))
    a, b, c, d, e, f = (each / safe for each in (a, b, c, kj, ki, ji))
    half = (a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e)) / 2
    angle = np.arccos(np.clip(half, -1, 1)) / 3
    largest = mean + 2 * size * np.cos(angle)
    smallest = mean + 2 * size * np.cos(angle + np.float32(2 * np.pi / 3))
    return largest, 3 * mean - largest - smallest, smallest

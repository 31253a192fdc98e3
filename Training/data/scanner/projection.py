"""Faults that arise in projections: beam hardening, photon starvation, scatter, few or limited angles, truncation.

A coarse copy of the slice is projected; what the fault changes in the projections is reconstructed and added. So
streaks run where they would run in a scanner, at a price that allows it for every training slice.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import fft, ndimage, sparse

from ..chance import chance, log_uniform

COARSE_PX = 112
_ANGLES = 90


def projection_fault(attenuation: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """What one or two faults add to a slice, float32 of its shape (rows, columns)."""
    coarse = _shrunk(attenuation)
    matrix, angles = _projector()
    paths = (matrix @ coarse.ravel()).reshape(angles.size, -1)
    longest = max(float(paths.max()), 1e-3)
    # thickness in half-value layers: beams lose most of their photons in metal, little in a small body
    scale = log_uniform(random, 1, 5) / longest
    error = np.zeros_like(paths)
    faults = random.choice(len(_FAULTS), size=2 if chance(random, 0.3) else 1, replace=False, p=_SHARES)
    for fault in faults:
        error += _FAULTS[int(fault)](paths * scale, random) / scale
    correction = matrix.T @ _ramped(error).ravel() * (np.pi / 2 / angles.size)
    result = correction.reshape(coarse.shape)
    if chance(random, 0.7):
        # a scanner's own correction removes some of it
        result *= random.uniform(0.3, 1)
    return _grown(result, attenuation.shape)


def _hardened(paths: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Long ways through matter seem shorter, since soft rays are lost first."""
    strength = log_uniform(random, 0.02, 0.12)
    return np.asarray(-strength * paths**2 / (1 + strength * paths))


def _starved(paths: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Noise where few photons arrive."""
    photons = log_uniform(random, 300, 30_000)
    deviation = np.minimum(np.sqrt(np.exp(paths) / photons), 1.0)
    return np.asarray(deviation * random.standard_normal(paths.shape, np.float32))


def _scattered(paths: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A haze of rays that come from elsewhere, most visible behind metal."""
    share = log_uniform(random, 0.005, 0.08)
    return np.asarray(-np.log1p(share * np.exp(np.minimum(paths, 8))))


def _few(paths: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Only every n-th projection was taken."""
    step = int(random.choice([2, 3, 4, 6]))
    weights = np.zeros((len(paths), 1), np.float32)
    weights[random.integers(step) :: step] = step
    return np.asarray(paths * (weights - 1) * random.uniform(0.3, 1))


def _limited(paths: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A range of angles is missing."""
    count = int(random.uniform(0.08, 0.35) * len(paths))
    missing = (random.integers(len(paths)) + np.arange(count)) % len(paths)
    error = np.zeros_like(paths)
    error[missing] = -paths[missing] * random.uniform(0.3, 1)
    return error


def _truncated(paths: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The detector is narrower than the body: beyond, its last value is taken."""
    edge = int(paths.shape[1] * random.uniform(0.1, 0.28))
    error = np.zeros_like(paths)
    error[:, :edge] = paths[:, edge : edge + 1] - paths[:, :edge]
    error[:, -edge:] = paths[:, -edge - 1 : -edge] - paths[:, -edge:]
    return error


def _jumped(paths: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The body moved during the scan."""
    first = random.integers(len(paths))
    shift = random.uniform(0.3, 1.5) * random.choice([-1, 1])
    error = np.zeros_like(paths)
    error[first:] = shift * np.gradient(paths[first:], axis=1)
    return error


_FAULTS = (_hardened, _starved, _scattered, _few, _limited, _truncated, _jumped)
_SHARES = (0.33, 0.22, 0.15, 0.08, 0.08, 0.06, 0.08)


@lru_cache(maxsize=1)
def _projector() -> tuple[sparse.csr_array, np.ndarray]:
    """Matrix from the pixels of the coarse slice to its projections, and their angles."""
    angles = np.arange(_ANGLES) * np.pi / _ANGLES
    bins = int(np.ceil(COARSE_PX * np.sqrt(2))) + 3
    y, x = (np.indices((COARSE_PX, COARSE_PX)).reshape(2, -1) - (COARSE_PX - 1) / 2).astype(np.float64)
    rows, values = [], []
    for number, angle in enumerate(angles):
        place = x * np.cos(angle) + y * np.sin(angle) + bins / 2
        lower = np.floor(place).astype(np.int32)
        rows += [number * bins + lower, number * bins + lower + 1]
        values += [1 - (place - lower), place - lower]
    columns = np.tile(np.arange(COARSE_PX**2, dtype=np.int32), 2 * _ANGLES)
    entries = np.concatenate(values).astype(np.float32), (np.concatenate(rows), columns)
    return sparse.csr_array(entries, shape=(_ANGLES * bins, COARSE_PX**2)), angles


def _ramped(projections: np.ndarray) -> np.ndarray:
    """Filtered for back projection."""
    count = fft.next_fast_len(2 * projections.shape[1], real=True)
    spectrum = fft.rfft(projections, count, axis=1)
    frequency = fft.rfftfreq(count).astype(np.float32)
    spectrum *= 2 * frequency * (0.5 + 0.5 * np.cos(2 * np.pi * frequency))
    return np.asarray(fft.irfft(spectrum, count, axis=1)[:, : projections.shape[1]], np.float32)


def _shrunk(image: np.ndarray) -> np.ndarray:
    step = image.shape[0] / COARSE_PX
    smooth = ndimage.uniform_filter(image, max(1, round(step)))
    places = np.minimum(((np.arange(COARSE_PX) + 0.5) * step).astype(int), image.shape[0] - 1)
    return np.asarray(smooth[np.ix_(places, places)], np.float32)


def _grown(coarse: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Linear between the coarse pixels' middles."""
    place = np.clip((np.arange(shape[0]) + 0.5) * COARSE_PX / shape[0] - 0.5, 0, COARSE_PX - 1)
    lower = np.minimum(place.astype(int), COARSE_PX - 2)
    share = (place - lower).astype(np.float32)
    by_rows = coarse[lower] * (1 - share)[:, None] + coarse[lower + 1] * share[:, None]
    return np.asarray(by_rows[:, lower] * (1 - share) + by_rows[:, lower + 1] * share, np.float32)

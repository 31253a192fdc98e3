"""From attenuation to the grey values of a scanner: blur, noise as reconstruction leaves it, rings, scatter."""

from __future__ import annotations

import numpy as np
from scipy import fft, ndimage

from .chance import chance, log_uniform
from .grid import Grid


def scanned(attenuation: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Grey values (float32) of the attenuation of a view's pixels, both (rows, columns)."""
    grey: np.ndarray = attenuation.astype(np.float32)
    level = max(float(np.percentile(grey, 99)), 0.05)
    quality = random.random()
    if chance(random, 0.6):
        grey = _hardened(grey, random)
    grey = grey + level * _noise(grey / level, random, log_uniform(random, 0.004, 0.02 + 0.13 * quality**3))
    grey = _blurred(grey, log_uniform(random, 0.3, 1.0))
    if chance(random, 0.4):
        grey = grey + level * _rings(grey.shape, random) * log_uniform(random, 0.004, 0.05)
    return np.asarray(np.maximum(grey, 0) if chance(random, 0.4) else grey, np.float32)


def _blurred(grey: np.ndarray, deviation_px: float) -> np.ndarray:
    return np.asarray(ndimage.gaussian_filter(grey, deviation_px))


def _hardened(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Darker where there is much material around, and scattered radiation on top."""
    around = _surroundings(grey)
    around /= max(float(around.max()), 1e-3)
    return np.asarray(grey * (1 - random.uniform(0, 0.45) * around) - random.uniform(0, 0.06) * around)


def _surroundings(grey: np.ndarray) -> np.ndarray:
    """Mean over about a sixth of the view around."""
    step = max(1, grey.shape[0] // 64)
    coarse = ndimage.uniform_filter(grey, step)[::step, ::step]
    coarse = ndimage.gaussian_filter(coarse, coarse.shape[0] / 10)
    zoomed = ndimage.zoom(coarse, [n / m for n, m in zip(grey.shape, coarse.shape, strict=True)], order=1)
    return np.asarray(zoomed, np.float32)


def _noise(grey: np.ndarray, random: np.random.Generator, deviation: float) -> np.ndarray:
    """Noise with the spectrum that filtered back projection leaves: little at low frequencies, cut at high ones."""
    rows, columns = grey.shape
    spectrum = fft.rfft2(random.standard_normal(grey.shape, np.float32))
    frequency = np.hypot(fft.fftfreq(rows)[:, None], fft.rfftfreq(columns)[None, :]).astype(np.float32)
    cut = log_uniform(random, 0.15, 0.7)
    spectrum *= np.sqrt(frequency + 0.02) * np.exp(-((frequency / cut) ** 2))
    noise = fft.irfft2(spectrum, s=grey.shape)
    noise *= deviation / max(float(noise.std()), 1e-6)
    return np.asarray(noise * np.sqrt(0.5 + np.clip(grey, 0, 2)), np.float32)


def _rings(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Circles about the axis of rotation, which is near the middle or, for a piece of a scan, anywhere."""
    grid = Grid(shape[0])
    reach = 0.05 if chance(random, 0.6) else 1.0
    x, y = (shape[0] * random.uniform(-reach, reach) for _ in range(2))
    radius = np.hypot(grid.x - np.float32(x), grid.y - np.float32(y))
    profile = random.standard_normal(int(radius.max()) + 2) * (random.random(int(radius.max()) + 2) < 0.3)
    profile = profile / np.sqrt(1 + np.arange(profile.size) / (shape[0] / 8))
    return np.asarray(np.interp(radius, np.arange(profile.size), profile), np.float32)

"""From attenuation to the grey values of a scanner: blur, noise as reconstruction leaves it, rings, streaks."""

from __future__ import annotations

import numpy as np
from scipy import fft

from ..chance import chance, log_uniform
from ..drawing.grid import Grid
from .projection import projection_fault


def scanned(attenuation: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Grey values (float32) of the attenuation of a view's pixels, both (rows, columns)."""
    grey: np.ndarray = attenuation.astype(np.float32)
    level = max(float(np.percentile(grey, 99)), 0.05)
    quality = random.random()
    if chance(random, 0.55):
        fault = projection_fault(grey, random)
        # a fault may hide what there is, but not all of it
        strongest = random.uniform(0.05, 0.35) * level
        grey = grey + fault * min(1.0, strongest / max(float(np.abs(fault).std() * 2.5), 1e-6))
    noise = level * log_uniform(random, 0.004, 0.02 + 0.13 * quality**3)
    grey = _imaged(grey, random, noise, level)
    if chance(random, 0.35):
        grey = grey + level * _rings(grey.shape, random) * log_uniform(random, 0.004, 0.06)
    return np.asarray(np.maximum(grey, 0) if chance(random, 0.4) else grey, np.float32)


def _imaged(grey: np.ndarray, random: np.random.Generator, noise: float, level: float) -> np.ndarray:
    """Blurred by the focal spot and the detector, with noise, both through the reconstruction's filter."""
    rows, columns = grey.shape
    # mirrored edges, or the filter would bring grey values from the opposite side
    margin = 16
    padded = np.pad(grey, margin, mode="reflect")
    shape = padded.shape
    frequency = np.hypot(fft.fftfreq(shape[0])[:, None], fft.rfftfreq(shape[1])[None, :]).astype(np.float32)
    blur_px = log_uniform(random, 0.3, 1.1)
    transfer = np.exp(-2 * (np.pi * blur_px * frequency) ** 2)
    if chance(random, 0.3):
        # edges that overshoot: phase contrast, or a sharpening kernel
        wide_px, height = log_uniform(random, 1, 3) * blur_px, random.uniform(0.2, 1.2)
        transfer *= 1 + height * (1 - np.exp(-2 * (np.pi * wide_px * frequency) ** 2))
    grainy = fft.rfft2(random.standard_normal(shape, np.float32))
    grainy *= _noise_filter(frequency, random)
    pattern = fft.irfft2(grainy, s=shape)
    pattern *= noise / max(float(pattern.std()), 1e-9)
    blurred = fft.irfft2(fft.rfft2(padded) * transfer, s=shape)
    # more noise where more was absorbed
    strength = np.sqrt(0.5 + np.clip(blurred / level, 0, 2))
    result = blurred + pattern * strength
    return np.asarray(result[margin : margin + rows, margin : margin + columns], np.float32)


def _noise_filter(frequency: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Filtered back projection leaves little noise at low frequencies and cuts high ones; resampling cuts more."""
    cut = log_uniform(random, 0.12, 0.8)
    shape = np.sqrt(frequency + 0.02) * np.exp(-((frequency / cut) ** 2))
    if chance(random, 0.25):
        # long ways through a flat body: noise in streaks along them
        angle = random.uniform(0, np.pi)
        rows, columns = frequency.shape
        x, y = fft.rfftfreq(columns * 2 - 2)[None, :], fft.fftfreq(rows)[:, None]
        across = np.abs(x * np.cos(angle) + y * np.sin(angle)) / np.maximum(frequency, 1e-4)
        shape = shape * (0.25 + across ** random.uniform(2, 20))
    return np.asarray(shape, np.float32)


def _rings(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Circles about the axis of rotation, which is near the middle or, for a piece of a scan, anywhere."""
    grid = Grid(shape[0])
    reach = 0.05 if chance(random, 0.6) else 1.0
    x, y = (shape[0] * random.uniform(-reach, reach) for _ in range(2))
    radius = np.sqrt((grid.x - np.float32(x)) ** 2 + (grid.y - np.float32(y)) ** 2)
    count = int(radius.max()) + 2
    profile = random.standard_normal(count) * (random.random(count) < log_uniform(random, 0.03, 0.6))
    profile = (profile / np.sqrt(1 + np.arange(count) / (shape[0] / 8))).astype(np.float32)
    whole = radius.astype(np.int32)
    share = radius - whole
    rings = profile[whole] * (1 - share) + profile[whole + 1] * share
    if chance(random, 0.25):
        # half circles, from a scan over half a turn
        rings *= (grid.x - x) * np.cos(x) + (grid.y - y) * np.sin(x) > 0
    return np.asarray(rings, np.float32)

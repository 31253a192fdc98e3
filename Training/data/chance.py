"""Ways to draw numbers that the generators share."""

from __future__ import annotations

import numpy as np


def chance(random: np.random.Generator, probability: float) -> bool:
    """Whether something of this probability happens."""
    return bool(random.random() < probability)


def log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    """Number whose logarithm is evenly distributed; `low` where the range is empty."""
    return float(np.exp(random.uniform(np.log(low), np.log(max(low, high)))))


def spread(random: np.random.Generator, middle: float, share: float = 0.2) -> float:
    """Number near another one, off by `share` of it as a standard deviation and never by more than half."""
    return float(middle * np.clip(1 + share * random.standard_normal(), 0.5, 1.5))

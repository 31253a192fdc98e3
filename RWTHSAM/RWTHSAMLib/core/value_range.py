"""Numbers from one to another, either end open."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Range:
    """Numbers from `lower` to `upper`, both included; None leaves an end open."""

    lower: float | None = None
    upper: float | None = None

    def __contains__(self, value: float) -> bool:
        return (self.lower is None or value >= self.lower) and (self.upper is None or value <= self.upper)

    @property
    def limits(self) -> tuple[float, float]:
        """Both ends as numbers, infinite where they are open."""
        return -inf if self.lower is None else self.lower, inf if self.upper is None else self.upper

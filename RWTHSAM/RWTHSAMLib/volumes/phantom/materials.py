"""What phantom cells are made of, and how a geometry is asked for it."""

from __future__ import annotations

from typing import Protocol

import numpy as np

FINE = 3
"""Samples per voxel along every axis; odd, so that one of them is the voxel's centre."""

(
    AIR,
    STEEL_CAN,
    STEEL_CAP,
    GASKET,
    CATHODE_COAT,
    ALUMINIUM,
    ANODE_COAT,
    COPPER,
    SEPARATOR,
    CORE,
    TAB,
    PARTICLE,
    POUCH_FOIL,
    GAS,
    ELECTROLYTE,
    COPPER_TAB,
) = range(16)

CLASS_NAMES = (
    "Background",
    "Can",
    "Cap",
    "Gasket",
    "Cathode",
    "Anode",
    "Separator",
    "Core",
    "Tab",
    "Particle",
    "Pouch foil",
    "Gas",
    "Electrolyte",
)

CLASS_OF_MATERIAL = np.array([0, 1, 2, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 11, 12, 8], np.uint8)
"""Label of each material; foils belong to their electrode."""

# relative to steel; chosen so that windings, foils and core contrast as in scans of real cells
ATTENUATION = np.array(
    [0.0, 1.0, 1.0, 0.07, 0.5, 0.16, 0.12, 0.75, 0.05, 0.02, 0.22, 1.1, 0.3, 0.01, 0.06, 0.7], np.float32
)


class Cell(Protocol):
    """Geometry of a cell, slice by slice."""

    spacing_mm: tuple[float, float, float]
    """Voxel size along i, j and k."""

    def __init__(self, shape_kji: tuple[int, int, int], rng: np.random.Generator) -> None: ...

    def sections(self, k: int) -> list[np.ndarray]:
        """Materials on `FINE` planes within slice k, each uint8 (j * FINE, i * FINE)."""

    def centre_of(self, sections: list[np.ndarray]) -> np.ndarray:
        """Materials at the voxel centres of a slice, uint8 (j, i)."""


def centres(sections: list[np.ndarray]) -> np.ndarray:
    """Materials at the voxel centres of a slice, uint8 (j, i)."""
    return sections[FINE // 2][FINE // 2 :: FINE, FINE // 2 :: FINE]


def fine_positions(count: int, spacing_mm: float) -> np.ndarray:
    """float32 (count * FINE,): positions in mm of the samples along an axis, 0 at the volume's face."""
    return ((np.arange(count * FINE) + 0.5) * (spacing_mm / FINE)).astype(np.float32)

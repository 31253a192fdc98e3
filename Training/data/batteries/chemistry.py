"""Layers of electrodes: their order, thickness and attenuation, for several kinds of cell and for none at all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..chance import chance, log_uniform, spread
from .parts import Part


@dataclass(frozen=True)
class Layer:
    """One layer: its part, its thickness (any unit) and its attenuation relative to steel."""

    part: Part
    thickness: float
    attenuation: float


@dataclass(frozen=True)
class LayerTable:
    """Layers over one repeat of a winding or a stack, looked up by what is missing and by the phase.

    Attributes
    ----------
    part : numpy.ndarray
        uint8 (2 ** len(GROUPS), steps): bit g of the row says that group g is missing there; its layers are `Part.GAP`.
    attenuation : numpy.ndarray
        float32 of the same shape, averaged over a sample's width, so that foils thinner than that do not flicker.
    """

    part: np.ndarray
    attenuation: np.ndarray

    def look_up(self, phase: np.ndarray, missing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Parts and attenuation at phases from 0 to 1 (float32), given what is missing (int32, bits as above)."""
        index = np.minimum((phase * _STEPS).astype(np.int32), _STEPS - 1)
        index += missing * _STEPS
        return self.part.ravel()[index], self.attenuation.ravel()[index]


_STEPS = 1024
GROUPS: tuple[tuple[Part, ...], ...] = (
    (Part.CATHODE,),
    (Part.CATHODE_FOIL,),
    (Part.ANODE, Part.ANODE_FOIL),
    (Part.SEPARATOR,),
)
"""Layers that begin and end together."""
ALL_MISSING = 2 ** len(GROUPS) - 1

# thickness in micrometres, attenuation relative to steel: cathode, its foil, anode, its foil, separator
_CHEMISTRIES: dict[str, tuple[tuple[float, float], ...]] = {
    "nickel manganese cobalt": ((65, 0.42), (15, 0.12), (75, 0.09), (9, 0.95), (18, 0.06)),
    "cobalt oxide": ((55, 0.5), (13, 0.12), (60, 0.09), (8, 0.95), (16, 0.06)),
    "iron phosphate": ((80, 0.24), (18, 0.12), (65, 0.09), (10, 0.95), (20, 0.06)),
    "silicon graphite": ((70, 0.45), (12, 0.12), (55, 0.1), (6, 0.9), (12, 0.05)),
    "titanate": ((60, 0.4), (18, 0.12), (65, 0.25), (18, 0.12), (22, 0.06)),
    "lithium metal": ((70, 0.45), (14, 0.12), (50, 0.02), (10, 0.9), (20, 0.07)),
    "sodium ion": ((75, 0.25), (18, 0.12), (70, 0.06), (16, 0.12), (20, 0.06)),
    "nickel metal hydride": ((220, 0.55), (30, 0.7), (140, 0.85), (20, 0.95), (90, 0.07)),
    "supercapacitor": ((110, 0.08), (25, 0.14), (110, 0.08), (25, 0.14), (35, 0.05)),
    "primary lithium": ((250, 0.3), (40, 0.6), (120, 0.01), (0, 0.5), (30, 0.06)),
}


def make_layers(random: np.random.Generator) -> tuple[Layer, ...]:
    """One repeat of a winding, from a separator on.

    Thickness and attenuation vary about those of a real chemistry; now and then they are anything, so that
    what a layer is cannot be told from its brightness alone.
    """
    cathode, cathode_foil, anode, anode_foil, separator = (
        (spread(random, thickness), spread(random, attenuation))
        for thickness, attenuation in _CHEMISTRIES[str(random.choice(list(_CHEMISTRIES)))]
    )
    layers = [
        Layer(Part.SEPARATOR, *separator),
        *_electrode(random, Part.CATHODE, Part.CATHODE_FOIL, cathode, cathode_foil),
        Layer(Part.SEPARATOR, *separator),
        *_electrode(random, Part.ANODE, Part.ANODE_FOIL, anode, anode_foil),
    ]
    if chance(random, 0.25):
        layers = _shuffled_attenuation(random, layers)
    if chance(random, 0.25):
        layers = [replace(layer, thickness=layer.thickness * log_uniform(random, 0.5, 2)) for layer in layers]
    return tuple(layer for layer in layers if layer.thickness > 0)


def make_table(layers: tuple[Layer, ...], sample_share: float, fill: float) -> LayerTable:
    """Look-up table of one repeat.

    Parameters
    ----------
    layers : tuple of Layer
        In order.
    sample_share : float
        A sample's width as a share of the repeat: attenuation is averaged over it.
    fill : float
        Attenuation where a layer is missing.
    """
    bounds = np.cumsum([layer.thickness for layer in layers])
    which = np.searchsorted(bounds / bounds[-1], (np.arange(_STEPS) + 0.5) / _STEPS)
    width = max(1, round(sample_share * _STEPS))
    parts, attenuations = [], []
    for state in range(ALL_MISSING + 1):
        gone = {part for bit, group in enumerate(GROUPS) if state >> bit & 1 for part in group}
        left = [layer if layer.part not in gone else Layer(Part.GAP, 0, fill) for layer in layers]
        parts.append(np.array([layer.part for layer in left], np.uint8)[which])
        sharp = np.array([layer.attenuation for layer in left], np.float32)[which]
        attenuations.append(_averaged_round(sharp, width))
    return LayerTable(np.stack(parts), np.stack(attenuations))


_Values = tuple[float, float]


def _electrode(random: np.random.Generator, coat: Part, foil: Part, of_coat: _Values, of_foil: _Values) -> list[Layer]:
    """A foil coated on both sides, nearly equally thick."""
    first, second = of_coat[0], spread(random, of_coat[0], 0.05)
    return [Layer(coat, first, of_coat[1]), Layer(foil, *of_foil), Layer(coat, second, of_coat[1])]


def _shuffled_attenuation(random: np.random.Generator, layers: list[Layer]) -> list[Layer]:
    of_part = {part: log_uniform(random, 0.03, 1.0) for part in dict.fromkeys(layer.part for layer in layers)}
    return [replace(layer, attenuation=of_part[layer.part]) for layer in layers]


def _averaged_round(values: np.ndarray, width: int) -> np.ndarray:
    """Running mean over `width` steps of a table that closes on itself."""
    width = min(width, values.size)
    before = width // 2
    padded = np.concatenate([values[values.size - before :], values, values[: width - before]])
    sums = np.concatenate([[0.0], np.cumsum(padded, dtype=np.float64)])
    return np.asarray((sums[width : width + values.size] - sums[: values.size]) / width, np.float32)

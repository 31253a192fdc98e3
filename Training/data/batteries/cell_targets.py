"""From a drawn battery to true masks: nested structures, single layers with their centre lines."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..drawing.canvas import NO_LAYER, Canvas
from ..drawing.targets import MOST_OF_A_KIND, SMALLEST_PX, centre_line, components, usable
from ..sample import Target
from .parts import LAYERS, SHELL, Part

_CATHODE, _ANODE = (Part.CATHODE, Part.CATHODE_FOIL), (Part.ANODE, Part.ANODE_FOIL)
_SETS: dict[str, tuple[Part, ...]] = {
    "cathode": _CATHODE,
    "anode": _ANODE,
    "separator": (Part.SEPARATOR,),
    "electrodes": _CATHODE + _ANODE,
    "can": (Part.CAN,),
    "cap": (Part.CAP,),
    "gasket": (Part.GASKET,),
    "insulator": (Part.INSULATOR,),
    "pouch": (Part.POUCH,),
    "pin": (Part.PIN,),
    "core": (Part.CORE,),
    "core with pin": (Part.CORE, Part.PIN),
    "roll": (*LAYERS, Part.GAP, Part.TAB, Part.PARTICLE, Part.CRACK),
    "roll with core": (*LAYERS, Part.GAP, Part.TAB, Part.PARTICLE, Part.CRACK, Part.CORE, Part.PIN),
    "holder": (Part.HOLDER,),
}
_SINGLE: dict[str, Part] = {
    "tab": Part.TAB,
    "gap": Part.GAP,
    "particle": Part.PARTICLE,
    "crack": Part.CRACK,
    "gas": Part.GAS,
}


def battery_targets(canvas: Canvas, random: np.random.Generator, is_wound: bool = True) -> list[Target]:
    """Targets of the cell (body 1) on a canvas of one sample per pixel; its layers are wound or stacked."""
    is_cell = canvas.body == 1
    targets = [Target(kind, is_cell & np.isin(canvas.part, parts)) for kind, parts in _SETS.items()]
    targets.append(Target("cell", is_cell))
    if np.isin(canvas.part[is_cell], SHELL).any():
        targets.append(Target("inside", is_cell & ~np.isin(canvas.part, SHELL)))
    for kind, part in _SINGLE.items():
        targets += components(kind, is_cell & (canvas.part == part), random)
    single = "winding" if is_wound else "layer"
    targets += layer_targets(canvas, f"cathode {single}", _CATHODE, random)
    targets += layer_targets(canvas, f"anode {single}", _ANODE, random)
    targets += layer_targets(canvas, "winding" if is_wound else "electrode pair", LAYERS, random)
    return usable(targets)


def layer_targets(
    canvas: Canvas, kind: str, parts: tuple[Part, ...], random: np.random.Generator, most: int = MOST_OF_A_KIND
) -> list[Target]:
    """Some single turns (or layers of a stack) of these parts, each in one piece as far as it is."""
    is_part = np.isin(canvas.part, parts) & (canvas.body == 1) & (canvas.layer != NO_LAYER)
    numbers = np.unique(canvas.layer[is_part])
    random.shuffle(numbers)
    targets = []
    for number in numbers[:most]:
        mask = _main_piece(is_part & (canvas.layer == number), random)
        if np.count_nonzero(mask) >= SMALLEST_PX:
            targets.append(Target(kind, mask, centre_line(mask, canvas.along)))
    return targets


def _main_piece(mask: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The whole mask if most of it hangs together, else one of its large pieces."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    if count <= 1:
        return mask
    areas = np.bincount(labels.ravel())[1:]
    if areas.max() > 0.85 * areas.sum():
        return mask
    large = np.flatnonzero(areas >= max(SMALLEST_PX, 0.25 * areas.max()))
    if large.size == 0:
        return np.zeros_like(mask)
    return np.asarray(labels == random.choice(large) + 1)

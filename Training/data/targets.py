"""From a drawn canvas to true masks: nested structures, single layers with their centre lines."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .canvas import NO_LAYER, Canvas
from .parts import LAYERS, SHELL, Part
from .sample import Target

SMALLEST_PX = 12
_MOST_OF_A_KIND = 4
_LEAST_THICK = 0.4
_LEAST_STEP, _LEAST_VISIBLE = 0.012, 0.3

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


def usable(targets: list[Target]) -> list[Target]:
    """Without those that are too small, that fill the image, or that equal one before."""
    kept: list[Target] = []
    for target in targets:
        area = int(np.count_nonzero(target.mask))
        if area < SMALLEST_PX or area > 0.98 * target.mask.size or _is_hair(target.mask, area):
            continue
        if not any(np.array_equal(target.mask, other.mask) for other in kept):
            kept.append(target)
    return kept


def visible(targets: tuple[Target, ...], shown: np.ndarray) -> tuple[Target, ...]:
    """Those whose outline shows somewhere.

    Parameters
    ----------
    targets : tuple of Target
        Any.
    shown : numpy.ndarray
        float32 (rows, columns): what a faultless scanner would show, black 0 and white 1.
    """
    is_step_x = np.abs(np.diff(shown, axis=1)) > _LEAST_STEP
    is_step_y = np.abs(np.diff(shown, axis=0)) > _LEAST_STEP
    kept = []
    for target in targets:
        edge_x, edge_y = target.mask[:, 1:] ^ target.mask[:, :-1], target.mask[1:] ^ target.mask[:-1]
        steps = np.count_nonzero(edge_x & is_step_x) + np.count_nonzero(edge_y & is_step_y)
        if steps > _LEAST_VISIBLE * (np.count_nonzero(edge_x) + np.count_nonzero(edge_y)):
            kept.append(target)
    return tuple(kept)


def _is_hair(mask: np.ndarray, area: int) -> bool:
    """Whether hardly any of it is two pixels thick: dots and hairs that nobody could segment."""
    squares = mask[1:, 1:] & mask[:-1, 1:] & mask[1:, :-1] & mask[:-1, :-1]
    thick = np.zeros_like(mask)
    for rows in (slice(1, None), slice(None, -1)):
        for columns in (slice(1, None), slice(None, -1)):
            thick[rows, columns] |= squares
    return bool(np.count_nonzero(thick) < _LEAST_THICK * area)


def components(kind: str, mask: np.ndarray, random: np.random.Generator, most: int = _MOST_OF_A_KIND) -> list[Target]:
    """Some of the connected parts of a mask, each a target."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    if count == 0:
        return []
    areas = np.bincount(labels.ravel())
    large = [number for number in range(1, count + 1) if areas[number] >= SMALLEST_PX]
    random.shuffle(large)
    return [Target(kind, labels == number) for number in large[:most]]


def layer_targets(
    canvas: Canvas, kind: str, parts: tuple[Part, ...], random: np.random.Generator, most: int = _MOST_OF_A_KIND
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


def centre_line(mask: np.ndarray, along: np.ndarray, step_px: float = 2.0) -> np.ndarray | None:
    """Line along the middle of a layer.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (rows, columns).
    along : numpy.ndarray
        float32 (rows, columns), position along the layer in pixels.

    Returns
    -------
    numpy.ndarray or None
        float32 (points, 2) as x, y: the mean place of the mask's pixels over every `step_px`; None where
        that is no line.
    """
    rows, columns = np.nonzero(mask)
    bins = np.floor(along[rows, columns] / step_px).astype(np.int64)
    bins -= bins.min()
    counts = np.bincount(bins)
    there = counts > 0
    if there.sum() < 3:
        return None
    x, y = (np.bincount(bins, weights=values)[there] / counts[there] for values in (columns, rows))
    if counts.sum() / there.sum() > 0.2 * there.sum():
        # about as wide as long: a layer that is seen from its face has no middle line
        return None
    # where the layer comes past the same position twice, the mean lies between the two
    is_on = mask[np.rint(y).astype(int), np.rint(x).astype(int)]
    return np.stack([x, y], axis=1).astype(np.float32)[is_on] if is_on.sum() >= 3 else None


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

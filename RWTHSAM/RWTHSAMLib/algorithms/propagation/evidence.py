"""What speaks for a propagated slice, as numbers from 0 to 1: the more, the rather is its mask right.

None depends on the size of the scan, of the object or of its grey values, or on the scale of a network's ratings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...core.mask import Mask
from ...core.propagation_step import StepJudgement
from .dips import share_of_neighbours
from .neighbourhood import around, pixels_in
from .track import TrackedSlice
from .way_back import WayBack

OF_STEP = ("rating", "overlap", "contrast", "material", "likeness", "grown", "shrunk")
"""Of the step that came to the slice, see `StepJudgement`, and by how much the area changed either way."""
OF_SHAPE = ("compact", "thickness", "larger")
"""Outline against that of the prompted mask, area against neighbours and against the prompted one."""
OF_WAY = ("rules", "found_again", "fit_back", "met_back", "stayed")
"""Score by the rules, IoU of the prompted mask with what the model finds of it and with what the way back comes to, the
least IoU of the ways out and back between slice and prompt. At last, whether the way back arrives or the mask lies in
the prompted one, whichever says more: from a tip no way leads back, from another object neither holds."""
WEAKEST = ("step", "contrast", "likeness", "grown", "compact")
"""Of these the least on the way to the slice, its own included; a step is its score."""
NEAR = ("step", "rules")
"""Of these the least on the slices beside it."""
LOOKS = ("grey_match", "sharpness", "sharpness_kept")
"""How the mask looks, see `looks`."""
LOOKS_TOGETHER = ("grey_match", "sharpness_kept")
"""Of these the least on the way to the slice, and the least on the slices beside it.

Left out, since made-up objects whose kind or whose network was not learned from are judged no better with them: the
step's score and its answer's agreement, the IoU with the prompted mask, an area smaller than that, and whether the
slice was filled in.
"""
NAMES = (
    *(*OF_STEP, *OF_SHAPE, *OF_WAY),
    *(f"weakest {each}" for each in WEAKEST),
    *(f"near {each}" for each in NEAR),
    *LOOKS,
    *(f"weakest {each}" for each in LOOKS_TOGETHER),
    *(f"near {each}" for each in LOOKS_TOGETHER),
)
"""New ones are added at the end: an estimate names columns by their place."""

_NEAR_SLICES = 2


def evidence_of(slices: Sequence[TrackedSlice], prompted: Mask, way: WayBack, found_again: float) -> np.ndarray:
    """Evidence of the slices of a track.

    Parameters
    ----------
    slices : sequence of TrackedSlice
        In the order in which they were found, believed as the rules have it.
    prompted : Mask
        What the track began with.
    way : WayBack
        From the track, gone.
    found_again : float
        See `OwnSlice`.

    Returns
    -------
    numpy.ndarray
        float64, (slices, `NAMES`), 0 to 1.
    """
    if not slices:
        return np.zeros((0, len(NAMES)))
    measured = {**_of_steps(slices), **_of_shapes(slices, prompted)}
    measured |= {
        "rules": np.array([each.score for each in slices]),
        "found_again": np.full(len(slices), found_again),
        "fit_back": np.array([way.fit_beyond(each.index) for each in slices]),
        "met_back": np.array([way.least_met_beyond(each.index) for each in slices]),
    }
    measured["stayed"] = np.maximum(measured["fit_back"], [_within(each.mask, prompted) for each in slices])
    measured |= {f"weakest {each}": np.minimum.accumulate(measured[each]) for each in (*WEAKEST, *LOOKS_TOGETHER)}
    measured |= {f"near {each}": _least_near(measured[each]) for each in (*NEAR, *LOOKS_TOGETHER)}
    return np.asarray(np.clip(np.stack([measured[each] for each in NAMES], axis=1), 0.0, 1.0))


def _of_steps(slices: Sequence[TrackedSlice]) -> dict[str, np.ndarray]:
    rows: list[tuple[float, ...]] = []
    for each in slices:
        # nothing was measured where a slice was filled in: it is as good as the one before
        unknown = (1.0,) * (1 + len(OF_STEP) + len(LOOKS))
        rows.append(_of_step(each.judgement) if each.judgement else rows[-1] if rows else unknown)
    return dict(zip(("step", *OF_STEP, *LOOKS), np.array(rows, float).T, strict=True))


def _of_step(judgement: StepJudgement) -> tuple[float, ...]:
    return (
        judgement.score,
        judgement.relative_iou,
        judgement.overlap,
        judgement.contrast,
        judgement.material,
        judgement.likeness,
        1 / max(1.0, judgement.growth),
        judgement.growth,
        judgement.grey_match,
        judgement.sharpness,
        judgement.sharpness_kept,
    )


def _of_shapes(slices: Sequence[TrackedSlice], prompted: Mask) -> dict[str, np.ndarray]:
    areas = np.array([prompted.area, *(each.mask.area for each in slices)], float)
    outline = np.array([_outline(prompted), *(_outline(each.mask) for each in slices)])
    share = np.maximum(areas[1:], 1) / max(1.0, areas[0])
    return {
        "compact": outline[0] / np.maximum(outline[1:], 1e-9),
        "thickness": np.array(share_of_neighbours([int(each) for each in areas])[1:]),
        "larger": 1 / share,
    }


def _outline(mask: Mask) -> float:
    """Pixels at the edge, squared, over all pixels: the same for a shape of any size, more for a ragged one."""
    from scipy import ndimage

    inner = int(np.count_nonzero(ndimage.binary_erosion(mask.pixels)))
    return (mask.area - inner) ** 2 / max(1, mask.area)


def _within(mask: Mask, prompted: Mask) -> float:
    """1 where a mask lies in the prompted one, of whatever size; where both are of one size their IoU."""
    if mask.is_empty:
        return 1.0
    part, inside = around(mask, 0)
    share = float(np.count_nonzero(inside & pixels_in(prompted, part)) / mask.area)
    return share / (2 - share)


def _least_near(values: np.ndarray) -> np.ndarray:
    padded = np.pad(values, _NEAR_SLICES, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEAR_SLICES + 1).min(axis=1))

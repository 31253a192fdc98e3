"""Print Dice of single windings of a real jelly roll: along a drawn line, by grey values and by the model.

    python Testing/Benchmarks/windings.py [--assets FOLDER]

Lines are drawn along the labelled electrode of one slice in sectors of 30, 60 and 90 degrees, a vertex every 15 pixels,
each off by a normal deviate of 1.2 pixels, as a hand is. What is traced along the line is compared with the label of
that winding; so are the model's masks of points along the line, with and without negative points in the gaps beside it,
on the whole slice and on a part as small as the line. From every line the next windings on both sides are looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from real_scans import engine_of, options_of
from scipy import ndimage
from skimage.morphology import skeletonize

from RWTHSAMLib.algorithms.windings.line import normals, resampled
from RWTHSAMLib.algorithms.windings.next_winding import next_stroke, stroke_along
from RWTHSAMLib.algorithms.windings.pitch import winding_distance_px
from RWTHSAMLib.algorithms.windings.trace import traced
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.core.prompts import PointPrompt, Prompts, StrokePrompt
from RWTHSAMLib.core.window import propose_window
from RWTHSAMLib.errors import PromptError
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.inference.tiled import part_of, placed, prompts_within
from RWTHSAMLib.volumes.read import read_volume

SEED = 1
LINES = 40
JITTER_PX = 1.2
VERTEX_EVERY = 15
FALLBACK_PX = 20.0


@dataclass(frozen=True, eq=False)
class Winding:
    """Part of a labelled winding within a sector, and a line drawn along it."""

    mask_yx: np.ndarray
    sector_yx: np.ndarray
    path_xy: np.ndarray


def windings(label_yx: np.ndarray, random: np.random.Generator) -> Iterator[Winding]:
    """Windings that cross a sector, at random."""
    indices: np.ndarray = np.indices(label_yx.shape)
    y, x = indices[0], indices[1]
    middle_x, middle_y = x[label_yx].mean(), y[label_yx].mean()
    angle, radius = np.degrees(np.arctan2(y - middle_y, x - middle_x)) % 360, np.hypot(x - middle_x, y - middle_y)
    for _ in range(LINES):
        first, width = random.uniform(0, 360), random.choice([30, 60, 90])
        inside = (angle - first) % 360 < width
        parts, count = ndimage.label(label_yx & inside)
        across = [
            n
            for n in range(1, count + 1)
            if np.ptp((angle[parts == n] - first) % 360) > 0.9 * width and np.ptp(radius[parts == n]) < 60
        ]
        if across:
            mask = parts == across[random.integers(len(across))]
            along = np.argwhere(skeletonize(mask))
            along = along[np.argsort((angle[tuple(along.T)] - first) % 360)][::VERTEX_EVERY, ::-1]
            yield Winding(mask, inside, along + random.normal(0, JITTER_PX, along.shape))


def points_along(stroke: StrokePrompt, shape_yx: tuple[int, int], with_gaps: bool) -> Prompts:
    """Twelve positive points on a line, and the negative ones beside them."""
    line = resampled(stroke.points_xy)
    chosen = np.linspace(0, len(line) - 1, 12).astype(int)
    on_line, across = line[chosen], normals(line)[chosen]
    items = [PointPrompt(round(float(x)), round(float(y))) for x, y in on_line]
    if with_gaps:
        for side in (-1, 1):
            beside = np.clip(on_line + side * stroke.reach_px * across, 0, np.array(shape_yx[::-1]) - 1)
            items += [PointPrompt(round(float(x)), round(float(y)), positive=False) for x, y in beside]
    return Prompts(tuple(items))


def by_model(engine: SamEngine, image: SliceImage, stroke: StrokePrompt, with_gaps: bool, closely: bool) -> np.ndarray:
    """The model's mask of points along a line, all at once."""
    prompts = points_along(stroke, image.shape_yx, with_gaps)
    if not closely:
        return engine.segment_at_once(image, prompts).best.mask.to_array()
    x0, y0, x1, y1 = stroke.bounds_xyxy
    margin, (rows, columns) = 20, image.shape_yx
    part = (max(0, x0 - margin), max(0, y0 - margin), min(columns - 1, x1 + margin), min(rows - 1, y1 + margin))
    found = engine.segment_at_once(part_of(image, part), prompts_within(prompts, part))
    return placed(found, part, image.shape_yx, None).best.mask.to_array()


def main() -> None:
    assets = options_of(__doc__).parse_args().assets
    volumes = assets / "volumes"
    engine = engine_of(assets)
    grey = read_volume(volumes / "battery_slice_1.tif").array_kji[0]
    label = read_volume(volumes / "battery_slice_1_electrode_mask.tif").array_kji[0] > 0
    image = SliceImage.from_values(grey, propose_window(grey))
    scores: dict[str, list[float]] = {}
    distances, arrived, beyond = [], [], 0
    for winding in windings(label, np.random.default_rng(SEED)):
        distance = winding_distance_px(image.pixels, winding.path_xy)
        distances.append(distance or np.nan)
        stroke = stroke_along(winding.path_xy, image.shape_yx, (distance or FALLBACK_PX) / 2)
        found = {"traced": traced(image.pixels, stroke).to_array()}
        for closely in (False, True):
            for with_gaps in (False, True):
                name = f"model, points{' and gaps' if with_gaps else ''}, {'close' if closely else 'whole slice'}"
                found[name] = by_model(engine, image, stroke, with_gaps, closely)
        for name, mask in found.items():
            scores.setdefault(name, []).append(dice(mask & winding.sector_yx, winding.mask_yx))
        for outwards in (True, False):
            try:
                x, y = np.array(next_stroke(image.pixels, stroke, outwards).points_xy).T
                arrived.append(float((label & ~winding.mask_yx)[y, x].mean()))
            except PromptError:
                beyond += 1
    print(f"{engine.description} Seed {SEED}, {len(distances)} lines.")
    print(f"distance of windings: median {np.nanmedian(distances):.2f} px, none {np.isnan(distances).sum()} times")
    for name, each in scores.items():
        print(f"{name}: Dice mean {np.mean(each):.3f}, median {np.median(each):.3f}, least {min(each):.3f}")
    on_winding = np.mean(np.array(arrived) > 0.9)
    print(f"next windings: {len(arrived)}, of which {on_winding:.0%} run on another winding; {beyond} refused")


if __name__ == "__main__":
    main()

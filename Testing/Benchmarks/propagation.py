"""Print 3D Dice of objects that grow from one prompted slice, and what the list of doubtful slices is worth.

    python Testing/Benchmarks/propagation.py [--assets FOLDER] [--only PART] [--seed N]

Each object is prompted on one slice by simulated clicks (see `click_protocol`) or by its tight box, then propagated
with the default rules. Lungs and cell are real scans; the phantom is made with a seed that nothing was tuned on, once
as it is and several times with some slices damaged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from click_protocol import next_click
from real_scans import engine_of, options_of
from scipy import ndimage
from targets import CAN_GREY, CELL_SLICES, FIRST_CORE_SLICE, LUNG_LABELS, LUNG_WINDOW, parts_of_cell

from RWTHSAMLib.algorithms.propagation.propagate import Propagation
from RWTHSAMLib.algorithms.propagation.tracks import PropagatedObject
from RWTHSAMLib.algorithms.threshold.threshold import thresholded
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.prompts import BoxPrompt, Prompts
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window, propose_window
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.volumes.phantom.cell import Phantom, cylindrical_cell, pouch_cell

PHANTOM_SEED = 72
DAMAGE_SEEDS = (1, 2, 3, 4)
DAMAGED_PLACES = 8
DAMAGED_TOGETHER = (1, 3)
POOR_DICE = 0.8
# of the voxel sizes of the files
LUNG_SLICE_STEP, CELL_SLICE_STEP = 10 / 3.05, 2.0
CUT_OFF_PERCENT = 13
CLICKS_ON_CELL = {"core hole": (1, 3, 5), "whole cell": (3,)}


@dataclass(frozen=True, eq=False)
class Case:
    """An object in a scan: its voxels (k, j, i), the slice to prompt, between which slices it is looked for.

    `slice_step` is the distance of two slices over that of two pixels.
    """

    name: str
    grey_kji: np.ndarray
    truth_kji: np.ndarray
    window: Window
    seed_slice: int
    span: tuple[int, int]
    slice_step: float = 1.0

    def picture(self, k: int) -> SliceImage:
        """A slice as the model sees it."""
        return SliceImage.from_values(self.grey_kji[k], self.window)


def clicked(engine: SamEngine, case: Case, clicks: int) -> Mask:
    """The mask of some clicks."""
    target, found = case.truth_kji[case.seed_slice], np.zeros(case.truth_kji.shape[1:], bool)
    prompts, mask = Prompts(), Mask.from_array(found)
    for _ in range(clicks):
        prompts = prompts.adding(next_click(target, found))
        mask = engine.segment(case.picture(case.seed_slice), prompts).best.mask
        found = mask.to_array()
    return mask


def boxed(engine: SamEngine, case: Case) -> Mask:
    """The mask of the tight box."""
    bounds = Mask.from_array(case.truth_kji[case.seed_slice]).bounds_xyxy
    return engine.segment(case.picture(case.seed_slice), Prompts((BoxPrompt(*bounds),))).best.mask


def propagated(engine: SamEngine, case: Case, mask: Mask) -> PropagatedObject:
    """The object with the default rules."""
    rules = PropagationSettings().resolved(case.slice_step)
    return Propagation(engine, case.picture, lambda k: case.grey_kji[k], rules).run({case.seed_slice: mask}, *case.span)


def report(engine: SamEngine, case: Case, how: str, mask: Mask) -> PropagatedObject:
    """Propagate and print a row."""
    found = propagated(engine, case, mask)
    whole = volume_of(case, found)
    truth = np.flatnonzero(case.truth_kji.any(axis=(1, 2)))
    seed_dice = dice(mask.to_array(), case.truth_kji[case.seed_slice])
    ends = f"{found.slices[0].index} to {found.slices[-1].index} ({truth[0]} to {truth[-1]})"
    figures = f"{seed_dice:.3f} | {dice(whole, case.truth_kji):.3f} | {ends} | {len(found.doubtful)}"
    print(f"| {case.name} | {how} | {figures} |", flush=True)
    return found


def volume_of(case: Case, found: PropagatedObject) -> np.ndarray:
    """The object's voxels, bool (k, j, i)."""
    whole = np.zeros(case.truth_kji.shape, bool)
    for each in found.slices:
        whole[each.index] = each.mask.to_array()
    return whole


def lungs(volumes: Path) -> Iterator[Case]:
    """Both lungs of the chest CT."""
    grey, labels = _read(volumes / "CTChest4.nrrd"), _read(volumes / "CTChest4_Segmentation.seg.nrrd")
    for name, label in zip(("right lung", "left lung"), LUNG_LABELS, strict=True):
        truth = labels == label
        largest = int(truth.sum(axis=(1, 2)).argmax())
        yield Case(name, grey, truth, LUNG_WINDOW, largest, (0, len(grey) - 1), LUNG_SLICE_STEP)


def parts_of_the_cell(volumes: Path) -> Iterator[Case]:
    """Core hole and whole cell of the Li-ion cell, in the slices where they are defined."""
    grey = _read(volumes / "liion_cell_xct_100x728x728_u8.nrrd")
    firsts = {"core hole": FIRST_CORE_SLICE, "whole cell": CELL_SLICES.start}
    truths = {name: np.zeros(grey.shape, bool) for name in firsts}
    for k in range(CELL_SLICES.start, len(grey)):
        for name, mask in parts_of_cell(grey[k]):
            if name in firsts and k >= firsts[name]:
                truths[name][k] = mask
    for name, truth in truths.items():
        yield Case(name, grey, truth, Window(0, 255), 80, (firsts[name], len(grey) - 1), CELL_SLICE_STEP)


def can_by_threshold(case: Case, cell: PropagatedObject) -> Iterator[tuple[str, float]]:
    """3D Dice of the can that is found inside the propagated cell, by how it is found."""
    truth = np.zeros(case.truth_kji.shape, bool)
    for k in range(*case.span):
        truth[k] = dict(parts_of_cell(case.grey_kji[k]))["can as a ring"]
    found = volume_of(case, cell)
    for how, choices in {
        f"grey values from {CAN_GREY}": ThresholdSettings(grey=Range(CAN_GREY, None)),
        "bright part by Otsu": ThresholdSettings(otsu="bright"),
        "rim of 6 pixels": ThresholdSettings(rim_mm=6.0),
    }.items():
        inside = thresholded(found, case.grey_kji, (1.0, 1.0, 1.0), choices)
        inside[case.span[1]] = False
        yield how, dice(inside, truth)


def other_parts_of_phantoms() -> Iterator[Case]:
    """Can and cap of the cylindrical phantom, foil and layers of the pouch."""
    cylinder, pouch = cylindrical_cell(seed=PHANTOM_SEED), pouch_cell(seed=PHANTOM_SEED)
    for phantom, names in ((cylinder, ("Can", "Cap")), (pouch, ("Pouch foil", "Cathode", "Anode", "Separator"))):
        for name in names:
            yield part_of_phantom(phantom, name)


def regions_of_phantoms() -> Iterator[tuple[Case, Phantom]]:
    """What holds the thin parts: the whole cell, and the layers of both phantoms together."""
    cylinder, pouch = cylindrical_cell(seed=PHANTOM_SEED), pouch_cell(seed=PHANTOM_SEED)
    yield _case(cylinder, "whole cell", ndimage.binary_fill_holes(cylinder.labels_kji > 0)), cylinder
    for phantom, name in ((cylinder, "windings"), (pouch, "pouch layers")):
        yield _case(phantom, f"{name} together", phantom.jelly_roll_kji), phantom


def part_of_phantom(phantom: Phantom, name: str) -> Case:
    """A class of a phantom, to be prompted in the middle of the slices that have it."""
    return _case(phantom, name.lower(), phantom.mask_kji(name))


def _case(phantom: Phantom, name: str, truth: np.ndarray) -> Case:
    middle = int(np.median(np.flatnonzero(truth.any(axis=(1, 2)))))
    window = propose_window(phantom.grey_kji)
    return Case(f"phantom {name}", phantom.grey_kji, truth, window, middle, (0, len(truth) - 1))


DAMAGES: Sequence[Callable[[np.ndarray, np.random.Generator], np.ndarray]] = (
    lambda grey, random: grey + random.normal(0, np.ptp(grey) / 4, grey.shape),
    lambda grey, random: np.roll(grey, int(random.integers(10, 30)), axis=1),
    lambda grey, random: ndimage.gaussian_filter(grey, 8),
    lambda grey, random: grey * 0.3,
    lambda grey, random: np.where(np.indices(grey.shape)[0] // 40 == 3, grey.max(), grey),
)
"""Noise, a shift, blur, a dark slice, a bright band."""


def damaged(case: Case, seed: int, together: int = 1) -> Case:
    """The case with damaged slices at eight places, none beside the prompted one, so many together at each."""
    random = np.random.default_rng(seed)
    inside = np.flatnonzero(case.truth_kji.any(axis=(1, 2)))[8:-4]
    grey = case.grey_kji.copy()
    for first in random.choice(inside[abs(inside - case.seed_slice) > 1 + together], DAMAGED_PLACES, replace=False):
        damage = DAMAGES[int(random.integers(len(DAMAGES)))]
        for k in range(first, min(first + together, len(grey))):
            worse = damage(case.grey_kji[k].astype(float), random)
            grey[k] = np.clip(worse, 0, np.iinfo(grey.dtype).max)
    name = f"{case.name}, {DAMAGED_PLACES} x {together} damaged"
    return replace(case, name=name, grey_kji=grey)


def worth_of_list(case: Case, found: PropagatedObject) -> tuple[set[int], set[int]]:
    """Slices of the object that are poor, and those on the list."""
    poor = {each.index for each in found.slices if _dice_on(case, each.index, each.mask) < POOR_DICE}
    return poor, {each.index for each in found.doubtful}


def _dice_on(case: Case, k: int, mask: Mask) -> float:
    return dice(mask.to_array(), case.truth_kji[k])


def _read(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def print_real_scans(engine: SamEngine, volumes: Path) -> None:
    """Rows of lungs, well and badly prompted, and of the Li-ion cell."""
    for case in lungs(volumes):
        report(engine, case, "1 click", clicked(engine, case, 1))
        report(engine, case, "tight box", boxed(engine, case))
        for how, mask in bad_masks(case.truth_kji[case.seed_slice]):
            report(engine, case, how, mask)
    for case in parts_of_the_cell(volumes):
        for clicks in CLICKS_ON_CELL[case.name]:
            found = report(engine, case, f"{clicks} click{'s' * (clicks > 1)}", clicked(engine, case, clicks))
        if case.name == "whole cell":
            for how, reached in can_by_threshold(case, found):
                print(f"| can inside the cell | {how} | | {reached:.3f} | | |", flush=True)


def bad_masks(truth_yx: np.ndarray) -> Iterator[tuple[str, Mask]]:
    """A mask without its upper end, and one that is too wide."""
    rows = np.nonzero(truth_yx)[0]
    cut = truth_yx.copy()
    cut[: int(np.percentile(rows, CUT_OFF_PERCENT))] = False
    yield "a part cut off", Mask.from_array(cut)
    yield "2 pixels too wide", Mask.from_array(ndimage.binary_dilation(truth_yx, iterations=2))


def print_parts_of_phantoms(engine: SamEngine) -> None:
    """Rows of thin parts, and of the regions that hold them."""
    for case in other_parts_of_phantoms():
        report(engine, case, "6 clicks", clicked(engine, case, 6))
    for case, phantom in regions_of_phantoms():
        found = report(engine, case, "3 clicks", clicked(engine, case, 3))
        if "whole" in case.name:
            bright = thresholded(
                volume_of(case, found), case.grey_kji, (1.0, 1.0, 1.0), ThresholdSettings(otsu="bright")
            )
            reached = dice(bright, phantom.mask_kji("Can"))
            print(f"| phantom can inside it | bright part by Otsu | | {reached:.3f} | | |")


def print_damaged(engine: SamEngine, phantom_seed: int) -> None:
    """Rows of a phantom's core with damaged slices, and what the list of doubtful ones is worth."""
    whole = part_of_phantom(cylindrical_cell(seed=phantom_seed), "Core")
    mask = clicked(engine, whole, 1)
    report(engine, whole, "1 click", mask)
    for together in DAMAGED_TOGETHER:
        poor, listed = set(), set()
        for seed in DAMAGE_SEEDS:
            case = damaged(whole, seed, together)
            here = worth_of_list(case, report(engine, case, f"1 click, damage {seed}", mask))
            poor |= {(seed, k) for k in here[0]}
            listed |= {(seed, k) for k in here[1]}
        named = len(poor & listed)
        print(f"{case.name}: {len(poor)} slices below {POOR_DICE}, {named} of them among the {len(listed)} listed")


def main() -> None:
    parser = options_of(__doc__)
    parser.add_argument("--only", choices=("scans", "phantoms", "damaged"), help="a part of the table; default: all")
    parser.add_argument("--seed", type=int, default=PHANTOM_SEED, help="of the damaged phantom; default: %(default)s")
    options = parser.parse_args()
    engine = engine_of(options.assets)
    print(engine.description)
    print("| object | prompted by | Dice there | 3D Dice | slices (truth) | doubtful |\n|---|---|---|---|---|---|")
    if options.only in (None, "scans"):
        print_real_scans(engine, options.assets / "volumes")
    if options.only in (None, "phantoms"):
        print_parts_of_phantoms(engine)
    if options.only in (None, "damaged"):
        print_damaged(engine, options.seed)


if __name__ == "__main__":
    main()

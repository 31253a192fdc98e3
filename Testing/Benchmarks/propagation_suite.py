"""Print how propagation does on many objects that nothing was tuned on, and what its list of doubtful slices is worth.

    python Testing/Benchmarks/propagation_suite.py [--assets FOLDER] [--group GROUP ...] [--only NAME ...]
                                                   [--prompts HOW ...] [--seeds development|held-out] [--weights FILE]
                                                   [--masks-of FILE] [--corrections N] [--no-mask-prompt]

Three groups: made-up objects, real scans, and made-up objects that are damaged. A slice is poor if its Dice is below
0.8, also where the object does not exist any more. Mean and worst of each group are printed last.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from click_protocol import next_click
from propagation import POOR_DICE, Case, boxed, clicked, volume_of
from propagation_corrections import corrected, persons_of
from propagation_objects import DAMAGE, DEVELOPMENT_SEEDS, HELD_OUT_SEEDS, KINDS, damaged, made_up, real
from real_scans import engine_of, options_of
from scipy import ndimage

from RWTHSAMLib.algorithms.propagation.propagate import Propagation
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.prompts import BoxPrompt, Prompts
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.models.weights import default_model

GROUPS = ("made up", "real", "damaged")
END_WITHIN_SLICES = 2
RIM_PX = 3
DAMAGED_KINDS = ("blob", "tube")
HEADINGS = (
    "object",
    "prompted by",
    "Dice there",
    "3D Dice",
    "rim kept",
    "slices (truth)",
    "ends found",
    "poor",
    "named",
    "listed",
    "good of them",
)


@dataclass(frozen=True)
class Row:
    """What became of one object from one prompted slice.

    Attributes
    ----------
    name, how : str
    seed_dice, dice : float
        On the prompted slice, and of all voxels.
    rim : float
        Share of the object's voxels within three pixels of its edge that were found: a cell's can is nothing else.
    slices, truth : tuple of int
        First and last.
    poor, listed : frozenset of int
        Slices of the result with a Dice below 0.8, and those on the list.
    """

    name: str
    how: str
    seed_dice: float
    dice: float
    rim: float
    slices: tuple[int, int]
    truth: tuple[int, int]
    poor: frozenset[int]
    listed: frozenset[int]

    @property
    def ends_found(self) -> int:
        """Of the object's two ends those that were found within two slices."""
        return sum(abs(a - b) <= END_WITHIN_SLICES for a, b in zip(self.slices, self.truth, strict=True))

    @property
    def text(self) -> str:
        """As a row of the table."""
        ends = f"{self.slices[0]} to {self.slices[1]} ({self.truth[0]} to {self.truth[1]})"
        counts = (len(self.poor), len(self.poor & self.listed), len(self.listed), len(self.listed - self.poor))
        figures = f"{self.seed_dice:.3f} | {self.dice:.3f} | {self.rim:.3f} | {ends} | {self.ends_found}"
        return f"| {self.name} | {self.how} | {figures} | {' | '.join(map(str, counts))} |"


def boxed_and_clicked(engine: SamEngine, case: Case) -> Mask:
    """The mask of the tight box and three clicks."""
    target, picture = case.truth_kji[case.seed_slice], case.picture(case.seed_slice)
    prompts = Prompts((BoxPrompt(*Mask.from_array(target).bounds_xyxy),))
    mask = engine.segment(picture, prompts).best.mask
    for _ in range(3):
        if dice(mask.to_array(), target) == 1:
            break
        prompts = prompts.adding(next_click(target, mask.to_array()))
        mask = engine.segment(picture, prompts).best.mask
    return mask


PROMPTS: Mapping[str, Callable[[SamEngine, Case], Mask]] = {
    "1 click": lambda engine, case: clicked(engine, case, 1),
    "3 clicks": lambda engine, case: clicked(engine, case, 3),
    "5 clicks": lambda engine, case: clicked(engine, case, 5),
    "box": boxed,
    "box + 3": boxed_and_clicked,
}


def tried(
    engine: SamEngine,
    case: Case,
    how: str,
    rules: PropagationSettings | None = None,
    asked: SamEngine | None = None,
) -> Row | None:
    """Propagate an object from one slice; None where the prompts gave no mask.

    `asked` is the network that is prompted there, where it is another than the one that goes through the volume.
    """
    mask = PROMPTS[how](asked or engine, case)
    if mask.is_empty:
        return None
    rules = (rules or PropagationSettings()).resolved(case.slice_step)
    run = Propagation(engine, case.picture, lambda k: case.grey_kji[k], rules)
    found = run.run({case.seed_slice: mask}, *case.span)
    there = np.flatnonzero(case.truth_kji.any(axis=(1, 2)))
    whole = volume_of(case, found)
    poor = (each.index for each in found.slices if dice(each.mask.to_array(), case.truth_kji[each.index]) < POOR_DICE)
    return Row(
        case.name,
        how,
        dice(mask.to_array(), case.truth_kji[case.seed_slice]),
        dice(whole, case.truth_kji),
        _rim_kept(whole, case.truth_kji),
        (found.slices[0].index, found.slices[-1].index),
        (int(there[0]), int(there[-1])),
        frozenset(poor),
        frozenset(each.index for each in found.doubtful),
    )


def cases_of(group: str, volumes: Path, seeds: Sequence[int]) -> Iterator[Case]:
    """All objects of a group."""
    if group == "real":
        yield from real(volumes)
    for seed in seeds if group != "real" else ():
        for kind in KINDS if group == "made up" else DAMAGED_KINDS:
            case = made_up(kind, seed)
            if group == "made up":
                yield case
            else:
                yield from (damaged(case, each, seed) for each in DAMAGE)


def summary(group: str, rows: Sequence[Row]) -> str:
    """Mean and worst of a group, and what the list of doubtful slices is worth there."""
    poor, named = (sum(map(len, each)) for each in ([r.poor for r in rows], [r.poor & r.listed for r in rows]))
    listed, good = (sum(map(len, each)) for each in ([r.listed for r in rows], [r.listed - r.poor for r in rows]))
    scores = [each.dice for each in rows]
    return (
        f"{group}: {len(rows)} objects, 3D Dice {np.mean(scores):.3f} on average, {min(scores):.3f} at worst; "
        f"{sum(each.ends_found for each in rows)} of {2 * len(rows)} ends within {END_WITHIN_SLICES} slices; "
        f"{named} of {poor} poor slices named; {good} of {listed} named ones good"
    )


def _rim_kept(found_kji: np.ndarray, truth_kji: np.ndarray) -> float:
    disc = ndimage.generate_binary_structure(2, 1)[None]
    rim = truth_kji & ~ndimage.binary_erosion(truth_kji, disc, iterations=RIM_PX, border_value=1)
    voxels = int(np.count_nonzero(rim))
    return float(np.count_nonzero(found_kji & rim) / voxels) if voxels else 1.0


def _options() -> argparse.Namespace:
    parser = options_of(__doc__)
    parser.add_argument("--group", nargs="+", choices=GROUPS, default=GROUPS)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="objects whose name begins so")
    parser.add_argument("--prompts", nargs="+", choices=list(PROMPTS), default=["1 click", "box + 3"])
    parser.add_argument("--seeds", choices=("development", "held-out"), default="held-out")
    parser.add_argument(
        "--corrections", type=int, default=0, metavar="N", help="3D Dice after as many, from each prompt"
    )
    parser.add_argument("--no-mask-prompt", action="store_true", help="the model does not see the mask before")
    parser.add_argument("--weights", type=Path, help="of another network; default: the shared weights")
    parser.add_argument(
        "--masks-of", type=Path, metavar="FILE", help="weights of the network that gives the prompted masks"
    )
    return parser.parse_args()


def _loaded(weights: Path) -> SamEngine:
    return SamEngine.load(default_model(weights), weights)


def main() -> None:
    """Print the table and a line for each group."""
    options = _options()
    engine = _loaded(options.weights) if options.weights else engine_of(options.assets)
    asked = _loaded(options.masks_of) if options.masks_of else engine
    rules = PropagationSettings(mask_prompt=not options.no_mask_prompt)
    seeds = DEVELOPMENT_SEEDS if options.seeds == "development" else HELD_OUT_SEEDS
    masks = f" Prompted masks: {asked.description}" if asked is not engine else ""
    print(f"{engine.description}{masks}\n| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}")
    lines = []
    for group in options.group:
        rows = []
        for case in cases_of(group, options.assets / "volumes", seeds):
            if options.only and not any(case.name.startswith(each) for each in options.only):
                continue
            for how in options.prompts:
                row = tried(engine, case, how, rules, asked)
                print(row.text if row else f"| {case.name} | {how} | no mask |", flush=True)
                rows += [row] if row else []
                if row and options.corrections:
                    prompted = partial(PROMPTS[how], asked)
                    for person, correcting in persons_of(asked, prompted).items():
                        scores = corrected(engine, case, prompted, options.corrections, correcting)
                        print(f"  {person}: {', '.join(f'{each:.3f}' for each in scores)}", flush=True)
        lines += [summary(group, rows)] if rows else []
    print("\n".join(lines))


if __name__ == "__main__":
    main()

"""Learn how far a propagated slice can be believed, print what that is worth, and write the estimate that is shipped.

    python Testing/Benchmarks/propagation_doubt.py --rows FILE [--assets FOLDER] [--networks NETWORK ...] [--seeds N]
                                                   [--write] [--shipped]

It learns from made-up objects of development seeds (`propagation_doubt_objects`), and is tried on those of held-out
seeds and on real scans, which it never learns from. `--rows` names a file of what was gathered: what it lacks is
gathered first and added. Networks are the own one, asked without and with the mask of the slice before ("own",
"followed"), and MobileSAM ("mobile"). Masks that were followed fail in other ways, and have an estimate of their own.
`--write` replaces both estimates in the package and the picture in Docs. With `--shipped` nothing is gathered or
learned: the rows are judged by the estimates that the package has, as after new weights; `--write` then replaces the
picture alone. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from propagation import POOR_DICE, Case, bad_masks
from propagation_doubt_objects import PROMPTS_NEAR_AN_END, SEEDS, cases_of, near_an_end
from propagation_doubt_picture import draw_reliability
from propagation_objects import HELD_OUT_SEEDS
from propagation_suite import PROMPTS
from propagation_suite import cases_of as cases_of_suite
from real_scans import engine_of, options_of
from sklearn.ensemble import HistGradientBoostingClassifier

from RWTHSAMLib.algorithms.propagation import estimate as shipped
from RWTHSAMLib.algorithms.propagation.evidence import NAMES
from RWTHSAMLib.algorithms.propagation.propagate import Propagation
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.system.atomic_file import replacing
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.models.catalogue import OWN_WEIGHTS
from RWTHSAMLib.models.weights import default_model, own_weights_folder

NETWORKS = ("own", "followed", "mobile")
DEVELOPMENT, HELD_OUT, REAL = "development", "held out", "real"
PROMPTS_OF_GROUP = {HELD_OUT: ("box + 3", "1 click"), REAL: ("box + 3", "3 clicks", "box")}
PROMPTS_OF_NETWORK = {"own": 3, "followed": 3, "mobile": 4}
"""Of each made-up object: to MobileSAM the embeddings cost most, and each prompt uses them again."""
LEAST_PROMPTED = 0.8
"""Dice of a prompted slice to be learned from: it counts as right, and nothing tells that it is not."""
MISSED_COSTS = 4.0
"""A choice: a poor slice that is not named, where an object is wrong in silence, costs as much as so many good ones
that are: so a slice is named unless four out of five like it are right."""
Curves = dict[str, list[tuple[np.ndarray, np.ndarray]]]
"""By name, probabilities to be right and what was right, both (slices,)."""
PICTURE = Path(__file__).parents[2] / "Docs" / "images" / "propagation-reliability.png"


@dataclass(frozen=True, eq=False)
class Rows:
    """Propagated slices without prompted ones; those of a track are neighbours, in the order in which they were found.

    Attributes
    ----------
    evidence : numpy.ndarray
        float64, (slices, `NAMES`).
    dice, prompted_dice : numpy.ndarray
        float64, (slices,): of the slice, and of the slice that was prompted.
    run : numpy.ndarray
        str, (slices, 5): network, group, object, how it was prompted, on which side of the prompted slice.
    """

    evidence: np.ndarray
    dice: np.ndarray
    prompted_dice: np.ndarray
    run: np.ndarray

    @property
    def is_right(self) -> np.ndarray:
        """Bool, (slices,)."""
        return np.asarray(self.dice >= POOR_DICE)

    @property
    def is_followed(self) -> np.ndarray:
        """Bool, (slices,)."""
        return np.asarray(self.run[:, 0] == "followed")

    @property
    def by_rules(self) -> np.ndarray:
        """Score without the estimate, (slices,)."""
        return np.asarray(self.evidence[:, NAMES.index("rules")])

    @property
    def kind(self) -> np.ndarray:
        """First word of the object's name, (slices,)."""
        return np.array([each.split()[0] for each in self.run[:, 2]])

    def where(self, chosen: np.ndarray) -> Rows:
        """Some of them."""
        return Rows(self.evidence[chosen], self.dice[chosen], self.prompted_dice[chosen], self.run[chosen])

    def of(self, group: str, network: str) -> Rows:
        """Those of a group and a network."""
        return self.where((self.run[:, 1] == group) & (self.run[:, 0] == network))

    def save(self, path: Path) -> None:
        """Write what `rows_in` reads."""
        with replacing(path) as unfinished, unfinished.open("wb") as file:
            np.savez_compressed(
                file, evidence=self.evidence, dice=self.dice, prompted_dice=self.prompted_dice, run=self.run
            )


def rows_in(path: Path) -> Rows:
    """Rows of a file; none where it is not there.

    Raises
    ------
    SystemExit
        If they were gathered with other evidence than slices have now.
    """
    if not path.exists():
        return Rows(np.zeros((0, len(NAMES))), np.zeros(0), np.zeros(0), np.zeros((0, 5), "U1"))
    with np.load(path) as file:
        rows = Rows(file["evidence"], file["dice"], file["prompted_dice"], file["run"])
    if rows.evidence.shape[1] != len(NAMES):
        have = rows.evidence.shape[1]
        raise SystemExit(f"{path} has {have} numbers of evidence a slice, expected {len(NAMES)}: gather them anew.")
    return rows


def joined(parts: Sequence[Rows]) -> Rows:
    """All of them."""
    columns = ([getattr(each, name) for each in parts] for name in ("evidence", "dice", "prompted_dice", "run"))
    return Rows(*(np.concatenate(each) for each in columns))


def rows_of(engine: SamEngine, case: Case, how: str, network: str, group: str) -> Rows | None:
    """Propagate an object from one slice; None where the prompts gave no mask, or the object one slice only."""
    mask = _prompted(engine, case, how)
    if mask.is_empty:
        return None
    rules = PropagationSettings(mask_prompt=network == "followed").resolved(case.slice_step)
    found = Propagation(engine, case.picture, lambda k: case.grey_kji[k], rules).run(
        {case.seed_slice: mask}, *case.span
    )
    before = [each for each in reversed(found.slices) if each.index < case.seed_slice]
    slices = [*before, *(each for each in found.slices if each.index > case.seed_slice)]
    if not slices:
        return None
    sides = ["before"] * len(before) + ["behind"] * (len(slices) - len(before))
    return Rows(
        np.array([each.evidence for each in slices]),
        np.array([dice(each.mask.to_array(), case.truth_kji[each.index]) for each in slices]),
        np.full(len(slices), dice(mask.to_array(), case.truth_kji[case.seed_slice])),
        np.array([(network, group, case.name, how, each) for each in sides]),
    )


def _prompted(engine: SamEngine, case: Case, how: str) -> Mask:
    if how in PROMPTS:
        return PROMPTS[how](engine, case)
    return dict(zip(("cut", "wide"), (mask for _, mask in bad_masks(case.truth_kji[case.seed_slice])), strict=True))[
        how
    ]


def cases_in(group: str, network: str, volumes: Path, seeds: Iterable[int]) -> Iterator[tuple[Case, tuple[str, ...]]]:
    """Objects of a group, and how each is prompted."""
    if group == DEVELOPMENT:
        for seed in seeds:
            yield from cases_of(seed, PROMPTS_OF_NETWORK[network])
    else:
        for name in ("real",) if group == REAL else ("made up", "damaged"):
            for case in cases_of_suite(name, volumes, HELD_OUT_SEEDS):
                yield case, PROMPTS_OF_GROUP[group]
                yield near_an_end(case, 0), PROMPTS_NEAR_AN_END


def gathered(path: Path, networks: Sequence[str], assets: Path, seeds: Iterable[int]) -> Rows:
    """Rows of the file, with what it lacks; it is written after each object."""
    rows = rows_in(path)
    for network in networks:
        engine = _engine(network, assets)
        for group in (DEVELOPMENT, HELD_OUT, REAL):
            for case, hows in cases_in(group, network, assets / "volumes", seeds):
                known = {tuple(each[:4]) for each in rows.run}
                missing = [each for each in hows if (network, group, case.name, each) not in known]
                found = [rows_of(engine, case, each, network, group) for each in missing]
                if any(found):
                    rows = joined([rows, *(each for each in found if each is not None)])
                    rows.save(path)
                    print(f"{network}, {group}, {case.name}: {len(rows.dice)} slices", flush=True)
    return rows


def _engine(network: str, assets: Path) -> SamEngine:
    if network == "mobile":
        return engine_of(assets)
    weights = own_weights_folder() / OWN_WEIGHTS
    return SamEngine.load(default_model(weights), weights)


def learned(rows: Rows) -> HistGradientBoostingClassifier:
    """The classifier, which more evidence never makes less sure."""
    return HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.08,
        max_leaf_nodes=4,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        monotonic_cst=[1] * len(NAMES),
        random_state=0,
    ).fit(rows.evidence, rows.is_right)


def written(model: HistGradientBoostingClassifier, missed_costs: float) -> dict[str, object]:
    """What `estimate.json` says: the model's trees, and its base moved by what a poor slice costs that is not named."""
    trees = [[_node(each) for each in iteration[0].nodes] for iteration in model._predictors]
    most = max(map(len, trees))
    rows = [list(zip(*(nodes + [(-1, 0.0, 0, 0)] * (most - len(nodes))), strict=True)) for nodes in trees]
    return {
        "evidence": list(NAMES),
        "base": float(model._baseline_prediction.item()) - float(np.log(missed_costs)),
        "trees": [dict(zip(shipped.TREE, map(list, tree), strict=True)) for tree in rows],
    }


def _node(node: np.void) -> tuple[int, float, int, int]:
    if node["is_leaf"]:
        return -1, float(node["value"]), 0, 0
    return int(node["feature_idx"]), float(node["num_threshold"]), int(node["left"]), int(node["right"])


def write_estimate(model: HistGradientBoostingClassifier, path: Path, missed_costs: float = MISSED_COSTS) -> None:
    """Write the numbers, a tree a line."""
    document = written(model, missed_costs)
    lines = [json.dumps(each) for each in document.pop("trees")]  # type: ignore[attr-defined]
    head = json.dumps(document)[:-1]
    with replacing(path) as unfinished:
        unfinished.write_text(head + ', "trees": [\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def right_of(model: HistGradientBoostingClassifier, rows: Rows) -> np.ndarray:
    """Probability of each slice to be right, (slices,), its neighbours considered as the package does."""
    return np.asarray(1 / (1 + np.exp(-on_tracks(model.decision_function(rows.evidence), rows))))


def on_tracks(log_odds: np.ndarray, rows: Rows) -> np.ndarray:
    """Each with those of its neighbours on its track, (slices,)."""
    begins = np.flatnonzero(np.any(rows.run[1:] != rows.run[:-1], axis=1)) + 1
    return np.concatenate([shipped.smoothed(each) for each in np.split(log_odds, begins)])


def score_of(right: np.ndarray, rows: Rows, most: float, missed_costs: float = MISSED_COSTS) -> np.ndarray:
    """The score that a probability to be right becomes, `most` being the largest one.

    It is one half where naming and not naming cost the same, but for the small rest by which that is no certainty.
    """
    log_odds, best = (np.log(each / (1 - each)) - np.log(missed_costs) for each in (right, np.array(most)))
    return shipped.scores_of(log_odds, float(best), rows.evidence)


def most_of(model: HistGradientBoostingClassifier) -> float:
    """Probability to be right where all evidence is perfect."""
    return float(model.predict_proba(np.ones((1, len(NAMES))))[0, 1])


def left_out(rows: Rows) -> np.ndarray:
    """Probability to be right of each slice, by what was learned from the other kinds of objects."""
    right = np.zeros(len(rows.dice))
    for kind in np.unique(rows.kind):
        here = rows.kind == kind
        right[here] = right_of(learned(rows.where(~here)), rows.where(here))
    return right


def line_of(name: str, rows: Rows, right: np.ndarray, most: float) -> str:
    """A row of the table: what the list is worth by the rules and by the estimate."""
    below = PropagationSettings().doubtful_below
    poor = ~rows.is_right
    worth = []
    for listed in (rows.by_rules < below, score_of(right, rows, most) < below):
        worth.append(f"{(listed & poor).sum()} | {(listed & ~poor).sum()} of {listed.sum()}")
    runs = len(np.unique(rows.run[:, :4], axis=0))
    return f"| {name} | {runs} | {len(poor)} | {poor.sum()} | {' | '.join(worth)} |"


def main() -> None:
    """Gather, learn, print, and write if asked to."""
    options = _options()
    rows = (
        rows_in(options.rows)
        if options.shipped
        else gathered(options.rows, options.networks, options.assets, SEEDS[: options.seeds])
    )
    curves: Curves = {}
    print("| | objects | slices | poor | named by rules | good of them | named by the estimate | good of them |")
    print(f"|{'---|' * 8}")
    for follows in (False, True):
        some = rows.where(rows.is_followed == follows)
        if not len(some.dice):
            continue
        if options.shipped:
            print_shipped(some, options.networks, curves)
            continue
        model = tried_out(some, options.networks, curves)
        if options.write:
            write_estimate(model, shipped.FILES[follows])
    if options.write:
        joined_curves = {name: tuple(map(np.concatenate, zip(*parts, strict=True))) for name, parts in curves.items()}
        draw_reliability(joined_curves, PICTURE)  # type: ignore[arg-type]


def print_shipped(rows: Rows, networks: Sequence[str], curves: Curves) -> None:
    """Print what the estimate of the package is worth on rows that were all followed, or none; adds to the curves."""
    for group in (DEVELOPMENT, HELD_OUT, REAL):
        for network in networks:
            some = rows.of(group, network)
            if not len(some.dice):
                continue
            well = some.where(some.prompted_dice >= LEAST_PROMPTED)
            for title, each in {network: some, f"{network}, prompted well": well}.items():
                right, most = right_by_shipped(each)
                print(line_of(f"{group}, {title}", each, right, most))
            curves.setdefault(f"{group}, prompted well", []).append((right, well.is_right))


def right_by_shipped(rows: Rows) -> tuple[np.ndarray, float]:
    """Probability of each slice to be right by the estimate of the package, (slices,), and the largest there is."""
    estimate = shipped.shipped_estimate(bool(rows.is_followed.any()))
    log_odds = on_tracks(estimate.log_odds(rows.evidence), rows) + np.log(MISSED_COSTS)
    return np.asarray(1 / (1 + np.exp(-log_odds))), float(1 / (1 + np.exp(-estimate.most) / MISSED_COSTS))


def tried_out(rows: Rows, networks: Sequence[str], curves: Curves) -> HistGradientBoostingClassifier:
    """Learn from rows of development seeds, and print what that is worth on the others; adds to the curves."""
    from_good = rows.where((rows.run[:, 1] == DEVELOPMENT) & (rows.prompted_dice >= LEAST_PROMPTED))
    model = learned(from_good)
    most, right = most_of(model), left_out(from_good)
    name = "followed" if rows.is_followed.any() else "not followed"
    print(line_of(f"development, {name}, kind left out", from_good, right, most))
    curves.setdefault("development, kind left out", []).append((right, from_good.is_right))
    for group in (HELD_OUT, REAL):
        for network in networks:
            some = rows.of(group, network)
            well = some.where(some.prompted_dice >= LEAST_PROMPTED)
            for title, each in {network: some, f"{network}, prompted well": well}.items():
                if len(each.dice):
                    print(line_of(f"{group}, {title}", each, right_of(model, each), most))
        both = rows.where((rows.run[:, 1] == group) & (rows.prompted_dice >= LEAST_PROMPTED))
        curves.setdefault(f"{group}, prompted well", []).append((right_of(model, both), both.is_right))
    return model


def _options() -> argparse.Namespace:
    parser = options_of(__doc__)
    parser.add_argument("--rows", type=Path, required=True, help="file of what was gathered, .npz")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many of the development seeds")
    parser.add_argument("--write", action="store_true", help="replace the estimate and its picture")
    parser.add_argument(
        "--shipped", action="store_true", help="judge the rows by what the package has, and learn nothing"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()

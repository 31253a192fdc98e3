"""Print Dice of damaged masks of real objects before and after the model has looked at them again.

    python Testing/Benchmarks/refining.py [--assets FOLDER] [--every N]

Three ways to give a mask to the model are compared: its box and deepest pixel (what the session does), its box alone,
and its box with the mask as low-resolution logits (-8 outside, 8 inside), which is how SAM feeds masks back. Every way
is followed by one click in the middle of the largest error.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from click_protocol import next_click
from PIL import Image
from real_scans import engine_of, options_of
from scipy import ndimage
from targets import LUNG_WINDOW, Target, cell_parts, lungs

from RWTHSAMLib.algorithms.refine.class_part import part_at, prompts_of_part
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.prompts import Prompts
from RWTHSAMLib.inference.embedding import PIXELS_PER_LOGIT, Embedding
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.inference.postprocess import mask_of

SEED = 3
LOGIT = 8.0
WAYS = ("box and pixel", "box", "box and logits")


def damaged(mask_yx: np.ndarray, random: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Damages by their names."""
    yield "dilated by 6 px", ndimage.binary_dilation(mask_yx, iterations=6)
    yield "eroded by 6 px", ndimage.binary_erosion(mask_yx, iterations=6)
    yield "shifted by (5, 7) px", np.roll(mask_yx, (7, 5), (0, 1))
    wobble = ndimage.gaussian_filter(random.normal(size=mask_yx.shape), 4)
    depth = ndimage.distance_transform_edt(mask_yx) - ndimage.distance_transform_edt(~mask_yx)
    yield "ragged", depth + 4 * wobble / wobble.std() > 0
    rows = np.flatnonzero(mask_yx.any(axis=1))
    cut = mask_yx.copy()
    cut[: rows[0] + (rows[-1] - rows[0]) // 4] = False
    yield "a quarter missing", cut


def logits_of(mask_yx: np.ndarray, embedding: Embedding) -> np.ndarray:
    """A mask as the decoder takes masks: by the covered share of every low-resolution pixel."""
    side = embedding.frame // PIXELS_PER_LOGIT
    rows, columns = (max(1, round(count / PIXELS_PER_LOGIT)) for count in embedding.input_size)
    image = Image.fromarray(mask_yx.astype(np.float32)).resize((columns, rows), Image.Resampling.BOX)
    covered = np.zeros((side, side), np.float32)
    covered[:rows, :columns] = np.asarray(image)
    return (2 * covered - 1) * LOGIT


def after(engine: SamEngine, target: Target, mask_yx: np.ndarray, way: str) -> tuple[float, float]:
    """Dice of the model's answer, and of that after a click."""
    embedding = engine.embed(target.image)
    prompts = prompts_of_part(part_at(Mask.from_array(mask_yx)))
    prompts = prompts if way == "box and pixel" else Prompts(prompts.items[:1])
    mask_input = logits_of(mask_yx, embedding) if way == "box and logits" else None
    scores = []
    for _ in range(2):
        decoded = engine.backend.decode(embedding, prompts, mask_input, multimask=False)
        found, mask_input = mask_of(decoded.logits[0], embedding).to_array(), decoded.logits[0]
        scores.append(dice(found, target.mask_yx))
        prompts = prompts.adding(next_click(target.mask_yx, found))
    return scores[0], scores[1]


def main() -> None:
    parser = options_of(__doc__)
    parser.add_argument("--every", type=int, default=7, help="of the targets; default: 7")
    options = parser.parse_args()
    engine = engine_of(options.assets)
    parts = cell_parts(options.assets / "volumes")
    targets = [*lungs(options.assets / "volumes", LUNG_WINDOW), *parts["core hole"], *parts["whole cell"]]
    random = np.random.default_rng(SEED)
    before: dict[str, list[float]] = {}
    scores: dict[tuple[str, str], list[tuple[float, float]]] = {}
    print(f"{engine.description} Seed {SEED}, {len(targets[:: options.every])} slices.")
    for target in targets[:: options.every]:
        for damage, mask_yx in damaged(target.mask_yx, random):
            if mask_yx.any():
                before.setdefault(damage, []).append(dice(mask_yx, target.mask_yx))
                for way in WAYS:
                    scores.setdefault((damage, way), []).append(after(engine, target, mask_yx, way))
    print(f"{'damage':22} before | {' | '.join(f'{way}: alone, and a click' for way in WAYS)}")
    for damage, known in before.items():
        found = (np.mean(scores[damage, way], axis=0) for way in WAYS)
        print(f"{damage:22} {np.mean(known):.3f}  | {' | '.join(f'{a:.3f}, {b:.3f}' for a, b in found)}")


if __name__ == "__main__":
    main()

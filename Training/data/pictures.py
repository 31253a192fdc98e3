"""Contact sheets of training slices with their targets in colour, to be looked at."""

from __future__ import annotations

import argparse
import colorsys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from RWTHSAMLib.core.system.atomic_file import replacing

from .sample import Sample
from .sample_making import make_sample

_COLUMNS = 4
_LABEL_PX = 14


def write_pictures(seeds: range, folder: Path, size: int = 256, per_sheet: int = 16) -> list[Path]:
    """Write sheets of samples, each as its image beside the same image with the targets drawn over one another.

    Returns the files, `samples_<first seed>.png` ...
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for first in range(0, len(seeds), per_sheet):
        some = seeds[first : first + per_sheet]
        sheet = _sheet([make_sample(seed, size) for seed in some])
        files.append(folder / f"samples_{some[0]:06d}.png")
        with replacing(files[-1]) as unfinished:
            sheet.save(unfinished, "PNG")
    return files


def coloured(sample: Sample) -> np.ndarray:
    """uint8 (rows, columns, 3): the image with its targets, larger ones below smaller ones."""
    picture = np.repeat(sample.image[..., None], 3, axis=2).astype(np.float32)
    by_area = sorted(sample.targets, key=lambda target: -np.count_nonzero(target.mask))
    for number, target in enumerate(by_area):
        colour = np.array(colorsys.hsv_to_rgb((number * 0.381966) % 1, 0.9, 1)) * 255
        picture[target.mask] = 0.6 * picture[target.mask] + 0.4 * colour
    for target in by_area:
        if target.centre_line_xy is not None:
            columns, rows = np.rint(target.centre_line_xy).astype(int).T
            picture[rows, columns] = 255
    return picture.astype(np.uint8)


def _sheet(samples: list[Sample]) -> Image.Image:
    size = samples[0].image.shape[0]
    rows = -(-len(samples) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * 2 * (size + 2), rows * (size + _LABEL_PX)))
    draw = ImageDraw.Draw(sheet)
    for number, sample in enumerate(samples):
        left, top = (number % _COLUMNS) * 2 * (size + 2), (number // _COLUMNS) * (size + _LABEL_PX)
        sheet.paste(Image.fromarray(sample.image), (left, top + _LABEL_PX))
        sheet.paste(Image.fromarray(coloured(sample)), (left + size, top + _LABEL_PX))
        draw.text((left + 2, top + 1), f"{sample.seed} {sample.scene}, {len(sample.targets)} targets", fill="white")
    return sheet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--seeds", type=_seed_range, default=range(48), metavar="FIRST:END", help="default: 0:48")
    parser.add_argument("--out", type=Path, required=True, help="folder for the sheets")
    parser.add_argument("--size", type=int, default=256, help="pixels along either side of a slice")


def run(options: argparse.Namespace) -> None:
    """Do what the options say."""
    for file in write_pictures(options.seeds, options.out, options.size):
        print(file)


def _seed_range(text: str) -> range:
    first, _, end = text.partition(":")
    try:
        seeds = range(int(first), int(end) if end else int(first) + 1)
    except ValueError:
        raise argparse.ArgumentTypeError(f"seeds are given as FIRST:END, for example 0:48, not {text!r}") from None
    if not seeds or seeds[0] < 0:
        raise argparse.ArgumentTypeError(f"no seed lies from the first up to the end in {text!r}")
    return seeds

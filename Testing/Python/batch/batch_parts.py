"""What tests of jobs share: small scans with things in them, and jobs for them."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from RWTHSAMLib.batch.pieces import Pieces
from RWTHSAMLib.batch.task import Product

EASY = {"points-per-side": 3, "pred-iou-thresh": 0.5, "stability-score-thresh": 0.5, "keep-doubtful": True}


def write_scan(path: Path, slices: int = 3, seed: int = 3) -> Path:
    """A bright square in a dark one in grey, and a third that begins in the second slice."""
    grey = np.full((slices, 64, 64), 120, np.uint8)
    grey[:, 12:52, 12:52], grey[:, 24:40, 24:40], grey[1:, 2:10, 2:10] = 20, 230, 250
    noise = np.random.default_rng(seed).integers(0, 5, grey.shape)
    image = sitk.GetImageFromArray((grey + noise).astype(np.uint8))
    image.SetSpacing((0.1, 0.1, 0.2))
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))
    return path


def write_job(folder: Path, steps: list, **more: object) -> Path:
    """A job for all scans of the folder `scans` beside it, a slice a task."""
    document = {
        "format": "rwthsam-job",
        "version": 1,
        "scans": "scans/*.nrrd",
        "slices_per_task": 1,
        "steps": steps,
        **more,
    }
    path = folder / "job.json"
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))
    return path


def end_process(pieces: Pieces) -> Product:
    """Work that ends the process that does it."""
    os.kill(os.getpid(), signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    return Product({})


def say_hello(pieces: Pieces, name: str) -> Product:
    """Work that goes well."""
    return Product({"outputs": [f"hello {name}"]})


def rows_of(study: Path) -> dict[str, dict[str, str]]:
    """The summary by the names of scans."""
    with (study / "job-summary.csv").open(encoding="utf-8", newline="") as file:
        return {row["scan"]: row for row in csv.DictReader(file)}


def labels_of(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))

"""What tests of several commands share: prompt files, and segmentations as another program reads them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import SimpleITK as sitk


def prompt_file(path: Path, slices: list[dict], **more: object) -> Path:
    """Write a file of prompts."""
    path.write_text(json.dumps({"format": "rwthsam-prompts", "version": 1, "slices": slices, **more}), encoding="utf-8")
    return path


def class_voxels(path: Path, class_name: str, size: tuple[int, int, int]) -> np.ndarray:
    """The class, bool (k, j, i), on the scan's grid, as another program finds it in the file."""
    image = sitk.ReadImage(str(path))
    segment = next(
        key.split("_")[0]
        for key in image.GetMetaDataKeys()
        if key.endswith("_Name") and image.GetMetaData(key) == class_name
    )
    label = int(image.GetMetaData(f"{segment}_LabelValue"))
    i, j, k = (int(each) for each in image.GetMetaData("Segmentation_ReferenceImageExtentOffset").split())
    inside = sitk.GetArrayFromImage(image) == label
    whole = np.zeros(size[::-1], bool)
    whole[k : k + inside.shape[0], j : j + inside.shape[1], i : i + inside.shape[2]] = inside
    return whole

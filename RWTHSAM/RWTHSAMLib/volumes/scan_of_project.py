"""Whether a scan is the one that a project is about, and the scan as the project had it."""

from __future__ import annotations

from dataclasses import replace

from ..errors import ProjectError
from ..record.project_scan import ScanOfProject
from .fingerprint import fingerprint
from .volume_data import VolumeData


def has_other_values(data: VolumeData, scan: ScanOfProject) -> bool:
    """Whether a scan of the same size has other grey values than the one that a project is about."""
    return fingerprint(data.array_kji) != scan.facts.fingerprint


def as_in_project(data: VolumeData, scan: ScanOfProject) -> VolumeData:
    """A scan with the place, and the size of its voxels, that the project had it with.

    Raises
    ------
    ProjectError
        If it has another number of voxels: what was segmented does not fit it.
    """
    shape_kji = data.array_kji.shape[:3]
    if shape_kji != scan.facts.shape_kji:
        raise ProjectError(
            f"'{data.name}' has {_text(shape_kji)} voxels (k, j, i), the project's scan '{scan.facts.name}' has "
            f"{_text(scan.facts.shape_kji or ())}: choose the scan that the project was made on."
        )
    name = scan.facts.name or data.name
    return replace(data, ijk_to_ras=scan.ijk_to_ras, unit_known=scan.unit_known, name=name)


def _text(shape_kji: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape_kji))

"""Which scan a project is about, and where it is found again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.json_document import Json, Node
from ..errors import ProjectError
from .steps import ScanFacts

_KEYS = ("relative", "absolute", "name", "shape_kji", "fingerprint", "ijk_to_ras", "unit_known")
_MOST_CHARACTERS = 4096


@dataclass(frozen=True, eq=False)
class ScanOfProject:
    """A scan by its place and by its voxels.

    Attributes
    ----------
    facts : ScanFacts
        With shape and fingerprint.
    ijk_to_ras : numpy.ndarray
        (4, 4) as it was worked with: whoever corrected the size of a voxel has it again.
    unit_known : bool
        Whether the size of a voxel is known.
    relative : str, optional
        From the project's folder, with "/": found again where both were moved together.
    absolute : str, optional
        None for a scan that has no file of its own.
    """

    facts: ScanFacts
    ijk_to_ras: np.ndarray
    unit_known: bool = True
    relative: str | None = None
    absolute: str | None = None

    def places(self, folder: Path) -> tuple[Path, ...]:
        """Where it may be, the likeliest first, for a project in a folder."""
        named = [folder / self.relative] if self.relative else []
        named += [Path(self.absolute)] if self.absolute else []
        return tuple(dict.fromkeys(Path(os.path.normpath(each)) for each in named))

    def found(self, folder: Path) -> Path | None:
        """The first of these places where there is something; None where there is nothing at any of them."""
        return next((each for each in self.places(folder) if _exists(each)), None)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def relative_place(path: Path, folder: Path) -> str | None:
    """A path as seen from a folder; None between drives."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return None


def scan_to_dict(scan: ScanOfProject) -> dict[str, Json]:
    """What `scan_of` reads."""
    matrix: list[Json] = [float(each) for each in scan.ijk_to_ras.ravel()]
    shape: list[Json] = [int(each) for each in scan.facts.shape_kji or ()]
    return {
        "name": scan.facts.name or "",
        "relative": scan.relative,
        "absolute": scan.absolute,
        "shape_kji": shape,
        "fingerprint": scan.facts.fingerprint,
        "ijk_to_ras": matrix,
        "unit_known": scan.unit_known,
    }


def scan_of(node: Node) -> ScanOfProject:
    """The scan of a parsed project.

    Raises
    ------
    ProjectError
        If anything is missing or cannot be so.
    """
    node.only(*_KEYS)
    shape_kji = [each.whole() for each in node.item("shape_kji").items(3, 3, "numbers of voxels along k, j and i")]
    if min(shape_kji) < 1:
        node.item("shape_kji").fail("three numbers of voxels, 1 or larger")
    k, j, i = shape_kji
    facts = ScanFacts(node.item("name").text(), (k, j, i), None, node.item("fingerprint").text())
    return ScanOfProject(
        facts,
        _matrix_of(node.item("ijk_to_ras")),
        node.item("unit_known").flag(),
        _path_of(node.optional("relative")),
        _path_of(node.optional("absolute")),
    )


def _matrix_of(node: Node) -> np.ndarray:
    values = [each.number() for each in node.items(16, 16, "numbers of a 4 x 4 matrix, row by row")]
    matrix = np.array(values, float).reshape(4, 4)
    if not (matrix[3] == (0, 0, 0, 1)).all() or not abs(np.linalg.det(matrix)) > 0:
        node.fail("a matrix that maps voxels to places")
    return matrix


def _path_of(node: Node | None) -> str | None:
    if node is None:
        return None
    text = node.text("a path")
    if not text or len(text) > _MOST_CHARACTERS or "\0" in text:
        raise ProjectError(f"{node.path}: expected a path.")
    return text

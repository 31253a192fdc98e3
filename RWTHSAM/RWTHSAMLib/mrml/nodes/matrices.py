"""Between VTK's 4x4 matrices and numpy's."""

from __future__ import annotations

import numpy as np
from vtkmodules.vtkCommonMath import vtkMatrix4x4


def to_numpy(matrix: vtkMatrix4x4) -> np.ndarray:
    """(4, 4) float64 copy."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def to_vtk(matrix: np.ndarray) -> vtkMatrix4x4:
    """VTK matrix with the values of a (4, 4) array."""
    result = vtkMatrix4x4()
    for row in range(4):
        for column in range(4):
            result.SetElement(row, column, float(matrix[row, column]))
    return result

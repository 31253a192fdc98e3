"""How well a cell is made: roundness, offset, deformation, thickness, gaps and overhang of its parts."""

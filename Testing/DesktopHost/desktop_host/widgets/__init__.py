"""Working PySide6 widgets under the C++ names of Slicer and CTK; what Python may see of them is up to the facts."""

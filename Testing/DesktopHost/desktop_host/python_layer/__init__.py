"""The host's own versions of the pure Python modules that real Slicer brings and slicer-core lacks."""

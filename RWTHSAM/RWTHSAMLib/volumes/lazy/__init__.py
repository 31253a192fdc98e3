"""Scans that are opened without reading their voxels, slice by slice."""

"""OME-Zarr 0.4 and 0.5: scans in chunks and levels, and labels of them."""

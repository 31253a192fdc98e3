"""Scans that stay on the disk, in a scene that holds a coarser level of them."""

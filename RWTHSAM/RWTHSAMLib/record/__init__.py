"""Provenance: what was done to a segmentation, step by step, as values, as JSON, as files, in words."""

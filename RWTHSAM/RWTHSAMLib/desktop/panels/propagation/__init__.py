"""Sections for propagation: rules, run, doubtful slices."""

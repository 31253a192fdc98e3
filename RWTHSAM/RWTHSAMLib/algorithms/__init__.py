"""Automatic masks, propagation, windings, thresholds, measurements, rendering: no MRML, no network."""

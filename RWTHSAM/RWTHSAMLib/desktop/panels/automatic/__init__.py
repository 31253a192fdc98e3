"""Sections for automatic masks: settings, run, detected objects, rules."""

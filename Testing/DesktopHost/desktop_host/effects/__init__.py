"""Segment Editor effects: the C++ side of scripted effects over the real editing logic."""

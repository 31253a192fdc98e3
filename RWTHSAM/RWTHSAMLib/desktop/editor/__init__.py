"""The Segment Editor that the session works in: its segment, its undo, its place in the module."""

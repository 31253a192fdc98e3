"""Slice and 3D views: turned, tilted, moved, drawn as pictures."""

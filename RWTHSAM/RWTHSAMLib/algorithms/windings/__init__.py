"""Thin layers that repeat, such as the windings of a jelly roll: from a line to the layer along it, and to the next."""

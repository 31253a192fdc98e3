"""Windings of a jelly roll and other thin layers that repeat: from a line to the one along it, and to the next."""

"""``rwthsam quality``: how well a cell is made."""

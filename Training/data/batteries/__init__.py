"""Cells of every kind in their own coordinates, what goes wrong in them, and the views of them."""

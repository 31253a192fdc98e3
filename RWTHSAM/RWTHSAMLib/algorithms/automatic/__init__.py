"""Masks found without prompts: points on a grid, filters, and what is left of them."""

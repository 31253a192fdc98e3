"""Readers of one file format each: what is not whole is refused, what was assumed is noted."""

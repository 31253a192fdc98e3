"""Volumes, segments and labelmaps of an MRML scene as arrays and values, and back."""

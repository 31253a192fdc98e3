"""Scans: read, written, and made up."""

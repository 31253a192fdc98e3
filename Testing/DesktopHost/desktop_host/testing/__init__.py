"""Fixtures and parts for pytest: a host for each test file, an empty scene and a segment editor for each test."""

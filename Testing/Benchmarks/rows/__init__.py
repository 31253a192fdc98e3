"""Rows of the benchmark, one idea a file; each gives `rows(bench)`."""

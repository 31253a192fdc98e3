"""Embeddings that were computed before: in memory, in a folder, within a budget."""

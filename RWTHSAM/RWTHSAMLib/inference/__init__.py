"""Masks from images and prompts: engine, backends, caches, and the worker process that runs them."""

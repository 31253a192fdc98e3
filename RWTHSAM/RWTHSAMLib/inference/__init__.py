"""Masks from images and prompts: engine, backends, caches; the process that runs them is `worker`."""

"""Loaded by every worker that is started on this computer, before its first task."""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the one that ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

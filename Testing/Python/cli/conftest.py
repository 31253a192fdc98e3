"""The commands take the fast path where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_weights(converted_weights: Path) -> Path:
    """Trained weights of MobileSAM's architecture, converted already."""
    return converted_weights

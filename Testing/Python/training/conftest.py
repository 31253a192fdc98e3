"""Training is no installed package: it is run from the repository's top folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_REPOSITORY = str(Path(__file__).resolve().parents[3])
sys.path.insert(0, _REPOSITORY)
# worker processes that are spawned find it, too
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [_REPOSITORY, os.environ.get("PYTHONPATH")]))

"""Fetches weights in a process of its own: ``python -m RWTHSAMLib.models.weights_process ENTRY FOLDER``.

Started by a host, see `lifeline`; ``ENTRY`` is a catalogue entry as JSON. What goes wrong is the last thing written to
standard error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..core.system.lifeline import hold_on
from ..errors import RwthSamError
from .catalogue import ModelEntry
from .weights import download_weights


def main() -> None:
    """Fetch, and say in one sentence why not."""
    hold_on()
    try:
        download_weights(ModelEntry(**json.loads(sys.argv[1])), Path(sys.argv[2]))
    except RwthSamError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

"""Files, locks, packages, streams and messages of the machine."""

"""Files, locks, packages and streams of the machine."""

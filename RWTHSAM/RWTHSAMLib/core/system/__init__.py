"""Files, packages and streams of the machine."""

"""Made-up battery cells as a CT scanner would show them, with their true labels."""

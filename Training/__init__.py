"""Training of the project's own network; not part of what is installed."""

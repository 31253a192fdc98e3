"""What the page shows, as plain values computed from the session: no widget, no node."""

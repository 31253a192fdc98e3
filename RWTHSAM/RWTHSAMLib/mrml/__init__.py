"""The flow on MRML nodes; `session` is what every front drives."""

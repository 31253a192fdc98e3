"""What module, effect and scripts share in Slicer: the one session, models, keys, view events, installing."""

"""How an object looks where it was prompted, and whether a slice still shows it: grey values, edge and surroundings."""

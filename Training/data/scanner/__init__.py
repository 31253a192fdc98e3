"""From attenuation to what a user sees: faults of projections, blur and noise, and the window."""
